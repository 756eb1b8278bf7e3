"""My account and my messages."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import addresses, browser_marks, consents, emails, identity
from billing.services import statements
from core import clock
from notices.services import inbox
from storefront.pages import letters, standing
from storefront.pages import permissions as granted
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only


@customer_only
@require_safe
def me(request: CustomerRequest) -> HttpResponse:
    phone, email = request.user.phone, request.user.email
    return answer.page(
        request,
        "me",
        _("Me"),
        tab="me",
        phone=phone.masked if phone else "",
        email=email.masked if email else "",
        customer=request.customer,
        verified=identity.verified(request.customer),
        quota=standing.quota_of(request.customer),
        balance=statements.credit_balance(request.customer),
        address_count=addresses.listed(request.customer).count(),
    )


@customer_only
@require_safe
def messages(request: CustomerRequest) -> HttpResponse:
    return answer.page(
        request,
        "messages",
        _("Messages"),
        tab="me",
        back="/my/",
        narrow=True,
        days=letters.latest(request.user),
    )


@customer_only
@require_POST
def messages_read(request: CustomerRequest) -> HttpResponse:
    inbox.read_all(request.user, clock.now())
    return answer.go("messages")


@customer_only
@require_POST
def message(request: CustomerRequest, message_id: int) -> HttpResponse:
    """Note that it was read, and go where it leads."""
    found = get_object_or_404(inbox.of(request.user), pk=message_id)
    inbox.read(found, clock.now())
    is_ours = url_has_allowed_host_and_scheme(found.link, allowed_hosts=None)
    return answer.leave(found.link) if found.link and is_ours else answer.go("messages")


@customer_only
@require_http_methods(["GET", "POST"])
def permissions(request: CustomerRequest) -> HttpResponse:
    """Every consent that stands, each with a way to take it back."""
    rows = granted.standing(request.customer)
    if request.method == "POST":
        purpose = request.POST.get("purpose", "")
        if purpose in {row.purpose for row in rows} and _take_back(request, purpose):
            answer.tell(request, _("Taken back."))
        return answer.go("permissions")
    return answer.page(
        request, "permissions", _("What you agreed to"), tab="me", back="/my/", narrow=True, permissions=rows,
        marks=browser_marks.standing(request.customer),
    )  # fmt: skip


def _take_back(request: CustomerRequest, purpose: str) -> bool:
    """The consent to be mailed goes with the address itself."""
    if purpose == emails.CONSENT:
        return emails.remove(request.customer, clock.now())
    return bool(consents.withdraw(request.customer, purpose, clock.now()))
