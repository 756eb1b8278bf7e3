"""Walking the real services at instants of the past: one whole step after the other, as people, the relay, the workers
and the providers would have taken it.

`unseen()` keeps what is made inside from everybody else until it is whole: a relay that runs beside us must not do the
work of last spring today, and no beat may end a wait of last spring. Providers are the sandbox in this process.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
from django.conf import settings
from django.db import transaction
from django.test import Client  # posts into our own site without closing this transaction's connection
from django.utils.module_loading import import_string

from billing.models import Deposit
from core import clock
from core.models import OutboxMessage
from core.services.events import PLATFORM
from notices.services import sending
from orders.models import Order, State
from orders.services import payments, signing
from rental.routes import ROUTES
from sandbox import visitors
from sandbox.services import notices, sms

ASYNC_UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"
BACK = f"{settings.SITE_URL}/"
# Waiting work of this very transaction: what others ask for meanwhile is left to the relay. A row that we see and whose
# author has not committed is our own.
_OURS = """
    SELECT * FROM core_outboxmessage
    WHERE published_at IS NULL AND dead_at IS NULL AND pg_xact_status(xmin::text::xid8) = 'in progress' ORDER BY id
"""


class Beside(httpx.WSGITransport):
    """The sandbox in this process. pyHanko asks for time stamps inside an event loop; the sandbox's queries may run
    there, because nothing else runs in that loop."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        before = os.environ.get(ASYNC_UNSAFE)
        os.environ[ASYNC_UNSAFE] = "true"
        try:
            answer = super().handle_request(request)
            content = answer.read()
        finally:
            if before is None:
                del os.environ[ASYNC_UNSAFE]
            else:
                os.environ[ASYNC_UNSAFE] = before
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


def transport() -> httpx.BaseTransport:
    """For PROVIDER_TRANSPORT while histories are walked."""
    from sandbox.wsgi import application

    return Beside(app=application)


@contextmanager
def unseen() -> Iterator[None]:
    """All or nothing, and nobody sees a half of it; provider calls stay in this process and in this transaction.

    Only for the demo's past: elsewhere a provider is never called inside a transaction (house.md).
    """
    usual, receipts = settings.PROVIDER_TRANSPORT, settings.SANDBOX_SMS_RECEIPTS
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined] # durable blocks may stand in it, as in a TestCase
    settings.PROVIDER_TRANSPORT = "rental.demo.walk.transport"
    settings.SANDBOX_SMS_RECEIPTS = ""  # thousands of old messages that somebody got
    try:
        with whole:
            yield
    finally:
        settings.PROVIDER_TRANSPORT, settings.SANDBOX_SMS_RECEIPTS = usual, receipts


def drain(at: datetime) -> int:
    """Do all work that we asked for, as the relay and the workers would at `at`; how many messages."""
    done = 0
    with clock.standing_at(at):
        while waiting := list(OutboxMessage.objects.raw(_OURS)):
            OutboxMessage.objects.filter(pk__in=[each.pk for each in waiting]).update(published_at=at, attempts=1)
            for message in waiting:
                import_string(ROUTES[message.topic])(message.pk, message.payload)
                done += 1
    return done


def settle(at: datetime) -> None:
    """Do the work that waits, post what the providers have to tell, act on it, until all is quiet."""
    drain(at)
    with clock.standing_at(at):
        sending.send_due(at)
        told = notices.deliver_due(at, notices.into(Client()))
    if told:
        settle(at)


def code_for(phone: str) -> str:
    """The six digits that the phone shows. TurnedAway when the newest message is another: no code came."""
    newest = sms.latest(phone)
    if "code" not in newest.params:
        raise visitors.TurnedAway(f"no code came, but {newest.template}")
    return str(newest.params["code"])


def visit(open_page: Callable[[], str], phone: str, at: datetime) -> None:
    """Open a payment or freeze page, sign in, agree; the notice comes in and is acted on."""
    with clock.standing_at(at):
        visitors.pay(open_page(), phone)
    settle(at)


def sign(order: Order, phone: str, at: datetime, work: Callable[[datetime], object] = drain) -> None:
    """Read, confirm every key term, enter the code; the worker signs. `work`: how work that waits gets done."""
    from contracts.services import agreements

    order = Order.objects.get(pk=order.pk)
    assert order.agreement is not None
    signing.request_code(order, at)
    work(at)
    confirmed = [term.code.value for term in agreements.key_terms(order.agreement, "zh", PLATFORM, at)]
    signing.intend(order.pk, confirmed, code_for(phone), {"address": "127.0.0.1"}, at)
    work(at)


def pay_first(order: Order, phone: str, at: datetime) -> None:
    """Pay bill 1 and, if anything is to be held, freeze or pay the deposit, as agreed."""
    order = Order.objects.get(pk=order.pk)

    def cashier() -> str:
        return payments.page(payments.pay_first(order, at), BACK)

    def securer() -> str:
        if order.lease.deposit.kind == Deposit.Kind.PAID:
            return payments.page(payments.pay_deposit(order, at), BACK)
        return payments.freeze_page(payments.freeze_deposit(order, at), BACK)

    visit(cashier, phone, at)
    if Order.objects.get(pk=order.pk).state == State.SIGNED:
        visit(securer, phone, at)


def pay_bills(order: Order, bill_ids: list[int], phone: str, at: datetime, channel: str = "") -> str:
    """Pay these bills with what is owed on them at `at`, by the usual channel or this one; the payment's number."""
    payment = payments.pay_bills(order, bill_ids, at, channel)
    visit(lambda: payments.page(payment, BACK), phone, at)
    return str(payment.number)
