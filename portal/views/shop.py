"""The merchant as customers see it, with its own record; and the member's own password."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import members
from core.errors import DomainError
from orders.services import merits
from portal import figures
from portal.forms import OwnPasswordForm
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell


@require_safe
@members_only
def shop(request: MemberRequest) -> HttpResponse:
    """Name, address and telephone as they stand in agreements, and what was counted."""
    merchant = request.merchant
    return page(
        request,
        "shop",
        _("Our shop"),
        section="shop",
        merchant=merchant,
        counts=figures.shop(merchant),
        leased=figures.leased(merchant),
        punctuality=figures.punctuality(merchant, request.at),
        merits=merits.of(merchant, request.at),
        member=request.member,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def password(request: MemberRequest) -> HttpResponse:
    """The old one, then a new one; other browsers are signed out."""
    form = OwnPasswordForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = members.change_password(request.member, form.cleaned_data["password"], request.at)
        except DomainError as error:
            form.add_error("password", str(error))
        else:
            update_session_auth_hash(request, user)
            tell(request, _("Your password is changed. Other browsers are signed out."))
            return HttpResponseRedirect(reverse("portal:shop"), status=303)
    status = 422 if form.is_bound else 200
    return page(request, "password", _("Change my password"), section="shop", form=form, status=status)
