"""Login and password; too many wrong ones close the door for half an hour (axes)."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.utils.translation import gettext_lazy as _

from accounts import staff
from core import clock


class SignIn(LoginView):
    """Members of merchants only."""

    template_name = "office/sign_in.html"
    authentication_form = staff.MemberSignInForm
    next_page = "portal:board"
    extra_context = {"title": _("Merchants' sign-in")}

    def form_valid(self, form: Any) -> Any:
        answer = super().form_valid(form)
        staff.stay(self.request.session, clock.now())
        return answer


sign_in = SignIn.as_view()
sign_out = LogoutView.as_view(next_page="portal:sign_in")
