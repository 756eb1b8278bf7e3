"""The machine's rules about money: what customers, operators and the agreement to deduct do with it."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing.models import AutopayAgreement, Bill, MerchantStatement, Payment
from billing.services import autopay, refunds, settlements
from billing.services import payments as billing_payments
from billing.services.offline import Receipt
from core import calendar, money
from integrations.payments import Code, Device, Redirect
from orders.models import Order, State
from orders.models.orders import CLOSED
from orders.services import offline, payments
from sandbox import visitors
from sandbox.models import UserAgreement
from tests.machine.orders import PICK, Orders
from tests.machine.stage import among

BACK = "http://testserver/back/"
CHANNEL = st.sampled_from(["alipay", "alipay", "wechat", ""])
PAYS = st.sampled_from([True, True, False])
DEVICE: st.SearchStrategy[Device] = st.sampled_from(["phone", "desktop"])
ON_LEASE = (State.ACTIVE, State.RETURNING, State.INSPECTING, State.SETTLING)
_references = itertools.count(1)


class Money(Orders):
    usual: ClassVar[dict[str, list[Callable[["Money", int], None]]]] = {
        State.PLACED: [lambda self, pick: self.decide(pick=pick, refuses=False)],
        State.APPROVED: [lambda self, pick: self.sign(pick=pick)],
        State.SIGNED: [
            lambda self, pick: self.pay_first(pick=pick, channel="", device="phone", pays=True),
            lambda self, pick: self.secure_deposit(pick=pick, channel="", device="phone", pays=True),
            lambda self, pick: self.post_and_work(),
        ],
        State.PAID: [lambda self, pick: self.ship(pick=pick)],
        State.SHIPPED: [lambda self, pick: self.deliver(pick=pick, by_customer=True)],
        State.ACTIVE: [
            lambda self, pick: self.pay_bills(pick=pick, channel="", device="phone", pays=True, most=1),
            lambda self, pick: self.post_and_work(),
            lambda self, pick: self.come_to_term(pick),
        ],
        State.RETURNING: [
            lambda self, pick: self.send_back(pick=pick, withdraws=False),
            lambda self, pick: self.arrive(pick=pick),
        ],
        State.INSPECTING: [lambda self, pick: self.inspect(pick=pick)],
        State.SETTLING: [
            lambda self, pick: self.pay_bills(pick=pick, channel="", device="phone", pays=True, most=3),
            lambda self, pick: self.post_and_work(),
        ],
    }

    @among(State.SIGNED)
    @rule(pick=PICK, channel=CHANNEL, device=DEVICE, pays=PAYS)
    def pay_first(self, pick: int, channel: str, device: Device, pays: bool) -> None:
        order = self.one(pick, State.SIGNED)
        self._to_page("pay first", order, lambda: payments.pay_first(order, self.at, channel), device, pays)

    @among(State.SIGNED)
    @rule(pick=PICK, channel=CHANNEL, device=DEVICE, pays=PAYS)
    def secure_deposit(self, pick: int, channel: str, device: Device, pays: bool) -> None:
        order = self.one(pick, State.SIGNED)
        if order.lease.deposit.kind == "PAID":
            self._to_page("pay deposit", order, lambda: payments.pay_deposit(order, self.at, channel), device, pays)
            return

        def freeze() -> None:
            wanted = payments.freeze_deposit(order, self.at)
            self._open(payments.freeze_page(wanted, BACK), order, pays)

        self.act("freeze deposit", freeze)

    @among(*ON_LEASE)
    @rule(pick=PICK, channel=CHANNEL, device=DEVICE, pays=PAYS, most=st.integers(1, 3))
    def pay_bills(self, pick: int, channel: str, device: Device, pays: bool, most: int) -> None:
        """One bill, or several at once."""
        order = self.one(pick, *ON_LEASE)
        bills = list(
            order.lease.bills.filter(state=Bill.State.OPEN).order_by("number").values_list("pk", flat=True)[:most]
        )
        if not bills:
            return
        self._to_page("pay bills", order, lambda: payments.pay_bills(order, bills, self.at, channel), device, pays)

    @precondition(lambda self: self.pages)
    @rule(pick=PICK, does=st.sampled_from([visitors.pay] * 4 + [visitors.look, visitors.decline]), keeps=st.booleans())
    def stand_at_cashier(self, pick: int, does: Callable[[str, str], str], keeps: bool) -> None:
        """On any page that was ever opened, however old."""
        at = pick % len(self.pages)
        url, phone = self.pages[at] if keeps else self.pages.pop(at)
        self.act(f"cashier {does.__name__}", lambda: does(url, phone))

    @rule(pick=PICK, closes=st.sampled_from([False, False, True]))
    def come_back(self, pick: int, closes: bool) -> None:
        """The return page asks; or the customer chooses another way, and the attempt is to be closed."""
        known = list(Payment.objects.exclude(channel="offline").order_by("-pk").values_list("pk", flat=True)[:6])
        if known:
            verb = payments.close if closes else payments.ask
            self.act(f"{verb.__name__} payment", lambda: verb(known[pick % len(known)], self.at))

    @among(*ON_LEASE)
    @rule(pick=PICK, over=st.sampled_from(["0.00", "0.00", "88.80"]), most=st.integers(1, 2))
    def pay_offline(self, pick: int, over: str, most: int) -> None:
        """By bank transfer, at times too much of it."""
        order = self.one(pick, *ON_LEASE)
        bills = list(order.lease.bills.filter(state=Bill.State.OPEN).order_by("number")[:most])
        amount = money.total(bill.rent + bill.cover - bill.paid for bill in bills) + Decimal(over)
        if amount <= 0:
            return
        receipt = Receipt(amount, self.at, f"BANK{next(_references)}", "test")
        numbers = [bill.number for bill in bills]
        made = self.act("pay offline", lambda: offline.record(order, numbers, receipt, "operator:1", self.at))
        if isinstance(made, Payment):
            self.by_hand["offline"] += money.to_cents(amount)

    @precondition(lambda self: self.by_hand["offline"])
    @rule(pick=PICK)
    def give_back_rest(self, pick: int) -> None:
        """What a payment laid on no bill."""
        known = list(Payment.objects.filter(state="SUCCEEDED", holds=False).order_by("-pk")[:5])
        if known:
            self.act("give back rest", lambda: refunds.give_back_rest(known[pick % len(known)], "asked", self.at))

    @among(State.ACTIVE)
    @rule(pick=PICK, agrees=PAYS)
    def turn_autopay_on(self, pick: int, agrees: bool) -> None:
        order = self.one(pick, State.ACTIVE)

        def propose() -> None:
            made = autopay.open(order.lease_id, "alipay", on=calendar.business_date(self.at), at=self.at)
            self._open(autopay.page(made, BACK, "phone"), order, agrees)

        self.act("turn autopay on", propose)

    @precondition(lambda self: AutopayAgreement.objects.filter(state__in=autopay.STANDING).exists())
    @rule(pick=PICK, at_provider=st.booleans())
    def turn_autopay_off(self, pick: int, at_provider: bool) -> None:
        """Here, or on the provider's own page."""
        standing = list(AutopayAgreement.objects.filter(state__in=autopay.STANDING).order_by("pk"))
        one = standing[pick % len(standing)]
        there = UserAgreement.objects.filter(external_agreement_no=one.number, status="NORMAL").first()
        if at_provider and there is not None:
            self.act("end autopay there", lambda: visitors.end_agreement(there.agreement_no))
        else:
            self.act("turn autopay off", lambda: autopay.revoke(one.lease_id, self.at))

    @precondition(lambda self: MerchantStatement.objects.exclude(state="PAID_OUT").filter(payable__gt=0).exists())
    @rule(pick=PICK)
    def pay_out(self, pick: int) -> None:
        due = list(MerchantStatement.objects.exclude(state="PAID_OUT").filter(payable__gt=0).order_by("pk"))
        one = due[pick % len(due)]
        reference = f"OUT{next(_references)}"
        if self.act("pay out", lambda: settlements.pay_out(one.pk, reference, "operator:1", self.at)) is not None:
            self.by_hand["bank"] -= money.to_cents(one.payable)

    @rule(pick=PICK, steps=st.integers(1, 4))
    def go_on(self, pick: int, steps: int) -> None:
        """An order takes its usual steps, so that runs come far."""
        under_way = [pk for state, pks in self.standing.items() if state not in CLOSED for pk in pks]
        if not under_way:
            return
        wanted = under_way[pick % len(under_way)]
        for _ in range(steps):
            state = Order.objects.values_list("state", flat=True).get(pk=wanted)
            for usual in self.usual.get(state, ()):
                if wanted in self.standing.get(state, ()):
                    usual(self, self.standing[state].index(wanted))

    def come_to_term(self, pick: int) -> None:
        """Everything is paid: the last day comes, and the device goes back."""
        order = self.one(pick, State.ACTIVE)
        lease = order.lease
        if lease.last_day is None or lease.bills.filter(state=Bill.State.OPEN).exists():
            return
        self.come_to(lease.last_day)
        self.begin_return(pick=self.standing[State.ACTIVE].index(order.pk))

    def _to_page(self, name: str, order: Order, opens: Callable[[], Payment], device: Device, pays: bool) -> None:
        def begin() -> None:
            try:
                payment = opens()
            except billing_payments.AttemptOpen as under_way:
                payment = under_way.payment
            way = payments.way(payment, BACK, device, "127.0.0.1")
            assert isinstance(way, Redirect | Code)
            self._open(way.url if isinstance(way, Redirect) else way.content, order, pays)

        self.act(name, begin)

    def _open(self, url: str, order: Order, pays: bool) -> None:
        """The page stays open in his browser, whether or not he pays on it now."""
        phone = self.world.phones[order.customer_id]
        self.pages.append((url, phone))
        if pays:
            visitors.pay(url, phone)
