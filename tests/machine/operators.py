"""The machine's rules about what operators decide, alone or with a second person, and about credit balances."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing.models import Bill, Payment, Refund
from billing.rules.allocation import Part
from billing.rules.limits import Deed
from billing.services import balance, captures, failed_refunds, partial_refunds
from billing.services.reductions import Wish as Reduced
from core import calendar, money
from core.models import Approval
from core.services import approvals
from orders.models import State
from orders.services import deposit_deductions, offline, reductions
from tests.machine.money import ON_LEASE
from tests.machine.orders import PICK
from tests.machine.stage import Stage, among

OPERATOR = st.sampled_from(["operator:1", "operator:2"])
CENTS = st.integers(1, 60_000)
CARRY_OUT: dict[str, Callable[[int, str, Any], Any]] = {
    Deed.REFUND: partial_refunds.carry_out,
    Deed.REDUCTION: reductions.carry_out,
    Deed.OFFLINE: offline.carry_out,
    Deed.BY_HAND: failed_refunds.carry_out,
    captures.KIND: deposit_deductions.carry_out,
}
_references = itertools.count(1)


class Operators(Stage):
    @rule(pick=PICK, who=OPERATOR, cents=CENTS, whole=st.booleans())
    def give_back_part(self, pick: int, who: str, cents: int, whole: bool) -> None:
        """A part of a payment, or all that can be; above the limit it is asked for."""
        known = list(Payment.objects.filter(state="SUCCEEDED").order_by("-pk")[:6])
        if not known:
            return
        payment = known[pick % len(known)]
        sources = partial_refunds.sources(payment, calendar.business_date(self.at))
        if not sources:
            return
        source = sources[pick % len(sources)]
        wish = partial_refunds.Wish(payment.number, source.code, source.most if whole else _yuan(cents), "test")
        self.act("give back part", lambda: partial_refunds.give(wish, who, self.at))

    @among(*ON_LEASE)
    @rule(pick=PICK, who=OPERATOR, part=st.sampled_from([Part.RENT, Part.RENT, Part.FEE]), cents=CENTS)
    def reduce(self, pick: int, who: str, part: Part, cents: int) -> None:
        order = self.one(pick, *ON_LEASE)
        bills = list(order.lease.bills.filter(state=Bill.State.OPEN).order_by("number")[:2])
        if bills:
            wish = Reduced(order.lease.number, bills[pick % len(bills)].number, part, _yuan(cents), "test")
            self.act("reduce", lambda: reductions.give(order, wish, who, self.at))

    @among(State.SETTLING)
    @rule(pick=PICK, who=OPERATOR, most=st.sampled_from([None, None, "150.00"]))
    def keep_of_deposit(self, pick: int, who: str, most: str | None) -> None:
        order = self.one(pick, State.SETTLING)
        at_most = Decimal(most) if most else None
        self.act("keep of deposit", lambda: deposit_deductions.propose(order, at_most, "test", who, self.at))

    @precondition(lambda self: approvals.waiting().exists())
    @rule(pick=PICK, who=OPERATOR, does=st.sampled_from(["yes", "yes", "yes", "no", "back"]))
    def decide_as_second_person(self, pick: int, who: str, does: str) -> None:
        """He who asked may not decide; another may; he may take it back."""
        waiting: list[Approval] = list(approvals.waiting())
        asked = waiting[pick % len(waiting)]
        match does:
            case "yes":
                made = self.act(f"approve {asked.kind}", lambda: CARRY_OUT[asked.kind](asked.pk, who, self.at))
                self.moved_by_hand(made)
            case "no":
                self.act("refuse as second", lambda: approvals.refuse(asked.pk, who, "test", self.at))
            case _:
                self.act("withdraw request", lambda: approvals.withdraw(asked.pk, who, self.at))

    @precondition(lambda self: failed_refunds.waiting().exists())
    @rule(pick=PICK, who=OPERATOR, again=st.booleans())
    def mend_failed_refund(self, pick: int, who: str, again: bool) -> None:
        """Tried again under a new number, or paid by transfer."""
        waiting = list(failed_refunds.waiting())
        failed = waiting[pick % len(waiting)]
        if again:
            self.act("try refund again", lambda: failed_refunds.try_again(failed.pk, who, self.at))
            return
        reference = f"HAND{next(_references)}"
        told = failed_refunds.Transfer(failed.number, failed.amount, reference, self.at, "test")
        self.moved_by_hand(self.act("pay refund by hand", lambda: failed_refunds.pay(told, who, self.at)))

    @rule(pick=PICK, uses=st.booleans(), part=st.booleans())
    def balance_is_used(self, pick: int, uses: bool, part: bool) -> None:
        """A credit balance pays bills now, or goes back to where it came from."""
        customer = self.world.people[pick % len(self.world.people)]
        if uses:
            bills = Bill.objects.filter(lease__customer=customer, state=Bill.State.OPEN, lease__state="LIVE")
            ids = list(bills.order_by("pk").values_list("pk", flat=True)[:2])
            if ids:
                self.act("use balance", lambda: balance.use(customer, ids, balance.Why.ASKED, self.at))
        else:
            amount = Decimal("0.01") if part else None
            self.act("pay out balance", lambda: balance.pay_out(customer, self.at, amount))

    def moved_by_hand(self, made: Any) -> None:
        """What a person moved at the bank."""
        if isinstance(made, Payment) and made.channel == "offline":
            self.by_hand["offline"] += money.to_cents(made.amount)
        elif isinstance(made, Refund) and made.reference:
            self.by_hand["offline"] -= money.to_cents(made.amount)


def _yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100
