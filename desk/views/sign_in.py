"""Login and password; too many wrong ones close the door for half an hour (axes)."""

from django.contrib.auth.views import LoginView, LogoutView
from django.utils.translation import gettext_lazy as _

from accounts import staff


class SignIn(LoginView):
    """Operators only."""

    template_name = "office/sign_in.html"
    authentication_form = staff.OperatorSignInForm
    next_page = "desk:overview"
    extra_context = {"title": _("Operators' sign-in")}


sign_in = SignIn.as_view()
sign_out = LogoutView.as_view(next_page="desk:sign_in")
