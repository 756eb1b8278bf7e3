"""The machine's rules about what operators decide with a second person."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing.models import Payment
from billing.services import partial_refunds
from billing.services.partial_refunds import Wish
from core import calendar
from core.models import Approval
from core.services import approvals
from tests.machine.orders import PICK
from tests.machine.stage import Stage

OPERATOR = st.sampled_from(["operator:1", "operator:2"])
CENTS = st.integers(1, 60_000)


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
        wish = Wish(payment.number, source.code, source.most if whole else Decimal(cents) / 100, "test")
        self.act("give back part", lambda: partial_refunds.give(wish, who, self.at))

    @precondition(lambda self: approvals.waiting().exists())
    @rule(pick=PICK, who=OPERATOR, does=st.sampled_from(["yes", "yes", "yes", "no", "back"]))
    def decide_as_second_person(self, pick: int, who: str, does: str) -> None:
        """He who asked may not decide; another may; he may take it back."""
        waiting: list[Approval] = list(approvals.waiting())
        asked = waiting[pick % len(waiting)]
        match does:
            case "yes":
                self.act("approve part", lambda: partial_refunds.carry_out(asked.pk, who, self.at))
            case "no":
                self.act("refuse part", lambda: approvals.refuse(asked.pk, who, "test", self.at))
            case _:
                self.act("withdraw part", lambda: approvals.withdraw(asked.pk, who, self.at))
