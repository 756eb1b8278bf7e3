"""My tokens for programs: made, shown once, revoked."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import tokens
from core import clock
from core.errors import DomainError
from storefront.forms.tokens import TokenForm
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: CustomerRequest) -> HttpResponse:
    """GET lists them, POST makes one. The answer of that POST alone shows it: it is kept nowhere."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = _make(request, form) if request.method == "POST" and form.is_valid() else ""
    return answer.page(
        request, "tokens", _("Tokens for programs"), status=422 if form.errors else 200, tab="me", back="/my/",
        narrow=True, form=TokenForm() if made else form, made=made, rows=tokens.standing(request.user),
        revoke=reverse("storefront:token_revoke"),
    )  # fmt: skip


@customer_only
@require_POST
def revoke(request: CustomerRequest) -> HttpResponse:
    if tokens.revoke(request.user, request.POST.get("name", ""), clock.now()):
        answer.tell(request, _("Revoked. The program with this token finds nothing any more."))
    return answer.go("tokens")


def _make(request: CustomerRequest, form: TokenForm) -> str:
    try:
        return tokens.make(request.user, form.cleaned_data["name"], clock.now())
    except DomainError as error:
        form.refuse(error)
        return ""
