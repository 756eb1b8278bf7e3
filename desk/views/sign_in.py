"""Login and password; too many wrong ones close the door for half an hour (axes)."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import staff
from accounts.models import User


class SignIn(LoginView):
    """Operators, and field agents."""

    template_name = "office/sign_in.html"
    authentication_form = staff.OperatorSignInForm
    next_page = "desk:overview"
    extra_context = {"title": _("Operators' sign-in")}

    def get_default_redirect_url(self) -> str:
        """An agent comes to his visits."""
        user = self.request.user
        is_agent = user.is_authenticated and user.kind == User.Kind.AGENT
        return reverse("desk:rounds") if is_agent else super().get_default_redirect_url()


sign_in = SignIn.as_view()
sign_out = LogoutView.as_view(next_page="desk:sign_in")
