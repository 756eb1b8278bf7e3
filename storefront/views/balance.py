"""The credit balance: looked at, used on a bill at once, paid out."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from billing.services import balance
from core import clock, money
from core.errors import DomainError
from core.templatetags.xinzu import yuan
from orders.services import payments as steps
from storefront.pages import balance as balance_page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CustomerRequest) -> HttpResponse:
    """GET tells what it comes to and its history; POST pays all of it out."""
    if request.method == "POST":
        return _pay_out(request)
    title = pgettext("of a customer", "Credit balance")
    shown = balance_page.shown(request.customer)
    return answer.page(request, "balance", title, tab="me", back="/my/", narrow=True, shown=shown)


@customer_only
@require_POST
def use(request: CustomerRequest, number: str, bill_number: int) -> HttpResponse:
    """Pay one bill from the balance, as far as it reaches."""
    order = own(request, number)
    bill = order.lease.bills.filter(number=bill_number).first()
    if bill is None:
        raise Http404
    try:
        made = steps.pay_from_balance(order, [bill.pk], clock.now())
    except DomainError as error:
        answer.tell_refusal(request, error)
    else:
        text = _("%(amount)s of your credit balance were used for bill %(number)s.")
        answer.tell(request, text % {"amount": yuan(made.amount), "number": bill_number})
    if order.lease.start is None:
        return answer.go("order", number)
    return answer.go("bill", number, bill_number)


def _pay_out(request: CustomerRequest) -> HttpResponse:
    try:
        back = balance.pay_out(request.customer, clock.now())
    except DomainError as error:
        answer.tell_refusal(request, error)
    else:
        amount = yuan(money.total(refund.amount for refund in back))
        answer.tell(request, _("%(amount)s are on their way to where you paid from.") % {"amount": amount})
    return answer.go("balance")
