"""Paying and freezing: at the provider of the chosen channel; coming back means nothing until it says so."""

import re
from collections.abc import Callable, Iterable
from functools import partial

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.models import Bill, Deposit, DepositFreeze, Payment
from billing.services import channels, deposits, payments, statements
from core import clock
from core.errors import DomainError
from integrations.errors import CallRefused, ProviderRefused, ProviderUnavailable
from integrations.payments import ClientCall, Code, Redirect
from orders.models import Order, State
from orders.services import payments as steps
from storefront.forms.paying import PartForm
from storefront.pages import bills as bill_page
from storefront.pages import paying as pay_page
from storefront.views import answer, ways
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK, own

BILL_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@customer_only
@require_safe
def pay(request: CustomerRequest, number: str) -> HttpResponse:
    """Bill 1 and the deposit, each with its own button and its own choice of the channel."""
    order = own(request, number)
    if order.state != State.SIGNED:
        return answer.go("order", number)
    return answer.page(
        request,
        "pay",
        _("Pay rent and deposit"),
        tab="leases",
        back=f"/orders/{number}/",
        narrow=True,
        shown=_shown(request, order),
    )


@customer_only
@require_POST
def pay_rent(request: CustomerRequest, number: str) -> HttpResponse:
    order, channel = own(request, number), ways.chosen(request, channels.offered())
    first = order.lease.bills.filter(number=1).values_list("pk", flat=True)

    def go() -> HttpResponse:
        return _to_payment(request, steps.pay_first(order, clock.now(), channel))

    return _leave(request, go, "order_pay", number, first)


@customer_only
@require_POST
def secure_deposit(request: CustomerRequest, number: str) -> HttpResponse:
    """Freeze or pay it, as the agreement says."""
    order = own(request, number)
    channel = ways.chosen(request, steps.for_deposit(order, channels.offered()))

    def go() -> HttpResponse:
        if order.lease.deposit.kind == Deposit.Kind.PAID:
            return _to_payment(request, steps.pay_deposit(order, clock.now(), channel))
        return _to_freeze(order, steps.freeze_deposit(order, clock.now(), channel))

    return _leave(request, go, "order_pay", number)


@customer_only
@require_safe
def paid(request: CustomerRequest, number: str) -> HttpResponse:
    """Back from the provider: ask it, and show what is known."""
    order = own(request, number)
    _ask_about(order)
    order = own(request, number)
    if order.state != State.SIGNED:
        return answer.go("order", number)
    shown = _shown(request, order)
    return answer.page(
        request, "paid", _("Waiting for the provider's word"), tab="leases", back=f"/orders/{number}/pay/", narrow=True,
        refresh=QUICK, shown=shown,
    )  # fmt: skip


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def pay_bills(request: CustomerRequest, number: str) -> HttpResponse:
    """GET offers how many bills to pay, each choice with its sum; POST pays the named ones in one payment."""
    order = own(request, number)
    if request.method == "POST":
        return _pay_chosen(request, order)
    choices, offered = pay_page.several(order, clock.today()), channels.offered()
    if not choices:
        return answer.go("lease" if order.lease.start else "order", number)
    return answer.page(
        request,
        "several",
        _("Pay several"),
        tab="leases",
        back=f"/leases/{number}/",
        narrow=True,
        order=order,
        choices=choices,
        channels=offered,
        channel=ways.usual(request, offered),
    )


def _pay_chosen(request: CustomerRequest, order: Order) -> HttpResponse:
    """Each `bill` is one number or some, joined by "-"."""
    chosen = [
        int(part) for text in request.POST.getlist("bill") for part in text.split("-") if BILL_NUMBER.fullmatch(part)
    ]
    ids = list(Bill.objects.filter(lease=order.lease_id, number__in=chosen).values_list("pk", flat=True))
    if not ids:
        answer.tell(request, _("Please choose at least one bill."), "wait")
        return answer.go("bills_pay" if order.lease.start else "order", order.number)
    channel = ways.chosen(request, channels.offered())

    def go() -> HttpResponse:
        return _to_payment(request, steps.pay_bills(order, ids, clock.now(), channel))

    return _leave(request, go, "lease", order.number, ids)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def pay_part(request: CustomerRequest, number: str, bill_number: int) -> HttpResponse:
    """An amount below what is open on one bill of a running lease."""
    order, offered = own(request, number), channels.offered()
    bill = order.lease.bills.filter(number=bill_number).first()
    if bill is None or order.lease.start is None:
        raise Http404
    bill.lease = order.lease
    view, form = statements.view(bill, clock.today()), PartForm(request.POST or None)
    if not bill_page.is_asked_for(view, order, clock.today()):
        return answer.go("bill", number, bill_number)
    if request.method == "POST" and form.is_valid():
        part, channel = form.cleaned_data["amount"], ways.chosen(request, offered)
        try:
            attempt = steps.pay_bills(order, [bill.pk], clock.now(), channel, part)
        except payments.AttemptOpen as under_way:
            return _continue(request, under_way, set())
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            return _leave(request, partial(_to_payment, request, attempt), "lease", number)
    return answer.page(
        request, "part", _("Pay a part of it"), status=422 if form.errors else 200, tab="leases",
        back=f"/leases/{number}/bills/{bill_number}/", narrow=True, bill=bill, owed=view.owed_now, form=form,
        channels=offered, channel=ways.usual(request, offered),
    )  # fmt: skip


@customer_only
@require_safe
def payment(request: CustomerRequest, number: str) -> HttpResponse:
    """One payment: asked about at the provider as long as it is open. With a code to scan, where one was given."""
    found = get_object_or_404(Payment, customer=request.customer, number=number)
    if found.state == Payment.State.OPEN:
        _ask(partial(steps.ask, found.pk, clock.now()))
        found = Payment.objects.get(pk=found.pk)
    given = pay_page.Given(ways.code_of(request, number), ways.call_of(request, number), ways.held(request))
    shown = pay_page.payment(found, clock.today(), given)
    waits = found.state == Payment.State.OPEN and not shown.call  # a reload would take the script's sheet away
    return answer.page(
        request, "payment", _("Payment"), tab="leases", back=shown.back, narrow=True, refresh=QUICK if waits else None,
        shown=shown,
    )  # fmt: skip


@customer_only
@require_safe
def payer(request: CustomerRequest, number: str) -> HttpResponse:
    """Back from WeChat with a code that says who holds the browser; where it will not say, a code to scan remains."""
    found = get_object_or_404(Payment, customer=request.customer, number=number)
    if not ways.is_state(request, request.GET.get("state", "")):
        return answer.go("payment", number)
    try:
        ways.keep_payer(request, found.channel, steps.payer(found.channel, request.GET.get("code", "")))
    except ProviderRefused:
        ways.keep_payer(request, found.channel, "")
    except ProviderUnavailable:
        answer.tell(request, _("The payment provider does not answer. Nothing was charged; please try again."), "late")
        return answer.go("payment", number)
    return _leave(request, partial(_to_payment, request, found), "payment", number)


def _leave(
    request: CustomerRequest, go: Callable[[], HttpResponse], otherwise: str, number: str, bill_ids: Iterable[int] = ()
) -> HttpResponse:
    """To the provider's page; an attempt that is already open is continued when it is the same one."""
    try:
        try:
            return go()
        except payments.AttemptOpen as under_way:
            return _continue(request, under_way, set(bill_ids))
        except deposits.FreezeOpen as under_way:
            return _to_freeze(own(request, number), under_way.freeze)
    except DomainError as error:
        answer.tell_refusal(request, error)
    except (ProviderUnavailable, ProviderRefused):
        answer.tell(request, _("The payment provider does not answer. Nothing was charged; please try again."), "late")
    return answer.go(otherwise, number)


def _continue(request: CustomerRequest, under_way: payments.AttemptOpen, bill_ids: set[int]) -> HttpResponse:
    """Only what was chosen is paid, where it was chosen: an attempt on other bills, or by another channel, is shown
    first, with its amount."""
    payment = under_way.payment
    is_same = set(payment.items.values_list("bill_id", flat=True)) == bill_ids
    if is_same and request.POST.get("channel", payment.channel) == payment.channel:
        return _to_payment(request, payment)
    answer.tell(request, str(under_way), "wait")
    return answer.go("payment", payment.number)


def _to_payment(request: CustomerRequest, attempt: Payment) -> HttpResponse:
    """To the provider's page, or to ours with the code to scan or the button of its app's own browser."""
    device, payer_id = ways.device(request, attempt.channel), ways.payer(request, attempt.channel)
    if device == "wechat" and payer_id is None:
        back = f"{settings.SITE_URL}{reverse('storefront:payment_payer', args=[attempt.number])}"
        return answer.leave(steps.ask_payer(attempt.channel, back, ways.new_state(request)))
    back = f"{settings.SITE_URL}{reverse('storefront:payment', args=[attempt.number])}"
    try:
        way = steps.way(attempt, back, device, request.META.get("REMOTE_ADDR", ""), payer_id or "")
    except CallRefused:
        raise
    except ProviderRefused:
        return _begin_again(request, attempt)
    match way:
        case Redirect(url):
            return answer.leave(url)
        case Code(content):
            ways.keep_code(request, attempt.number, content)
        case ClientCall(parameters):
            ways.keep_call(request, attempt.number, parameters)
    return answer.go("payment", attempt.number)


def _begin_again(request: CustomerRequest, attempt: Payment) -> HttpResponse:
    """Begun on another device, or paid there a moment ago: it is ended or posted, and the page says which."""
    _ask(partial(steps.close, attempt.pk, clock.now()))
    if Payment.objects.get(pk=attempt.pk).state == Payment.State.CLOSED:
        text = _("This payment was begun on another device and is closed now. Please start again.")
        answer.tell(request, text, "wait")
    return answer.go("payment", attempt.number)


def _to_freeze(order: Order, attempt: DepositFreeze) -> HttpResponse:
    back = f"{settings.SITE_URL}{reverse('storefront:order_paid', args=[order.number])}"
    return answer.leave(steps.freeze_page(attempt, back))


def _shown(request: CustomerRequest, order: Order) -> pay_page.ShownPaying:
    offered = channels.offered()
    securing = steps.for_deposit(order, offered)
    choices = pay_page.Choices(offered, ways.usual(request, offered), securing, ways.usual(request, securing))
    return pay_page.shown(order, clock.today(), choices)


def _ask_about(order: Order) -> None:
    at = clock.now()
    for payment_id in pay_page.open_payments(order):
        _ask(partial(steps.ask, payment_id, at))
    for freeze_id in pay_page.open_freezes(order):
        _ask(partial(steps.ask_freeze, freeze_id, at))


def _ask(question: Callable[[], str]) -> None:
    """No answer is no answer: the page says that it waits, the poller asks again."""
    try:
        question()
    except (ProviderUnavailable, ProviderRefused):
        return
