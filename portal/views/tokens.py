"""An owner's tokens for programs: made, shown once, revoked."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import tokens
from core.errors import DomainError
from portal.forms import TokenForm
from portal.views.access import MemberRequest, owners_only
from portal.views.answer import page, tell

FIELDS = {"token_name_taken": "name"}


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def own(request: MemberRequest) -> HttpResponse:
    """GET lists them, POST makes one. The answer of that POST alone shows it: it is kept nowhere."""
    form = TokenForm(request.POST if request.method == "POST" else None, label_suffix="")
    made = _make(request, form) if request.method == "POST" and form.is_valid() else ""
    return page(
        request, "tokens", _("Tokens for programs"), section="shop", status=422 if form.errors else 200,
        form=TokenForm(label_suffix="") if made else form, made=made, rows=tokens.standing(request.user),
        revoke=reverse("portal:token_revoke"),
    )  # fmt: skip


@require_POST
@owners_only
def revoke(request: MemberRequest) -> HttpResponse:
    if tokens.revoke(request.user, request.POST.get("name", ""), request.at):
        tell(request, _("Revoked. The program with this token finds nothing any more."))
    return HttpResponseRedirect(reverse("portal:tokens"), status=303)


def _make(request: MemberRequest, form: TokenForm) -> str:
    try:
        return tokens.make(request.user, form.cleaned_data["name"], request.at)
    except DomainError as error:
        form.add_error(FIELDS.get(error.code), str(error))
        return ""
