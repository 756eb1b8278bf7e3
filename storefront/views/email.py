"""My e-mail address: what stands, one that is proved by a code, none."""

from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import emails
from core import clock
from core.errors import DomainError
from core.fields import mask_email
from storefront.forms.sign_in import EmailForm, MailCodeForm
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.asked import Asked, Asking

ASKING = Asking("email_address")


@customer_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: CustomerRequest) -> HttpResponse:
    """What stands, and the first step to another one: send the code."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _send(request, form):
        return answer.go("email_code")
    cell = request.user.email
    return answer.page(
        request, "email", _("E-mail"), status=422 if form.errors else 200, tab="me", back="/my/", narrow=True,
        form=form, address=cell.masked if cell else "",
    )  # fmt: skip


@customer_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: CustomerRequest) -> HttpResponse:
    """Second step: the code that came by mail."""
    asked = ASKING.of(request)
    if asked is None:
        return answer.go("email")
    form = MailCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _prove(request, form, asked):
        answer.tell(request, _("Your address is confirmed. Messages about your leases go there too."))
        return answer.go("email")
    return answer.page(
        request, "email_code", _("Enter the code"), status=422 if form.errors else 200, tab="me", back="/my/email/",
        narrow=True, form=form, address=asked.to, masked=mask_email(asked.to),
    )  # fmt: skip


@customer_only
@require_POST
def remove(request: CustomerRequest) -> HttpResponse:
    if emails.remove(request.customer, clock.now()):
        answer.tell(request, _("Your address is gone. Nothing is mailed to you any more."))
    return answer.go("email")


def _send(request: CustomerRequest, form: EmailForm) -> bool:
    address = form.cleaned_data["email"]
    ask = partial(emails.request_code, request.user, address, clock.now())
    return ASKING.send(request, form, address, ask, address.__eq__)


def _prove(request: CustomerRequest, form: MailCodeForm, asked: Asked) -> bool:
    try:
        emails.prove(request.customer, asked.to, form.cleaned_data["code"], asked.ticket, clock.now())
    except DomainError as error:
        form.refuse(error)
        return False
    ASKING.forget(request)
    return True
