"""The machine's rules about orders: from a checkout to the device that is back."""

import itertools
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from core import calendar
from orders.models import Parcel, State
from orders.services import approvals, cancellations, checkout, inspections, receipts, returns, shipping
from tests import make
from tests.machine.stage import Stage, among

PICK = st.integers(0, 99)
_keys = itertools.count(1)


class Orders(Stage):
    @rule(
        who=PICK,
        offer=PICK,
        term=PICK,
        kind=st.sampled_from(["", "", "PAID"]),
        twice=st.booleans(),
    )
    def place(self, who: int, offer: int, term: int, kind: str, twice: bool) -> None:
        """At times the button is pressed twice."""
        customer = self.world.people[who % len(self.world.people)]
        plan = self.world.plans[offer % len(self.world.plans)]
        terms = list(plan.terms.order_by("months").values_list("months", flat=True)[:3])
        months = terms[term % len(terms)]
        key, home = f"machine-{next(_keys)}", self.world.homes[customer.pk]

        def order() -> None:
            cost = checkout.quote(customer, plan, months, calendar.business_date(self.at))
            placed = [
                checkout.place(customer, plan.pk, months, home, cost.digest, key, self.at, kind)
                for _ in range(1 + twice)
            ]
            assert len({one.pk for one in placed}) == 1

        self.act("place", order)

    @among(State.PLACED)
    @rule(pick=PICK, refuses=st.sampled_from([False, False, False, True]))
    def decide(self, pick: int, refuses: bool) -> None:
        order = self.one(pick, State.PLACED)
        if refuses:
            self.act("refuse", lambda: approvals.refuse(order.pk, "operator:1", "test", self.at))
        else:
            self.act("approve", lambda: approvals.approve(order.pk, "operator:1", self.at))

    @among(State.APPROVED)
    @rule(pick=PICK)
    def sign(self, pick: int) -> None:
        order = self.one(pick, State.APPROVED)
        self.work()
        self.act("sign", lambda: make.sign(order, self.at))

    @among(State.PLACED, State.APPROVED, State.SIGNED, State.PAID)
    @rule(pick=PICK, who=st.sampled_from(["customer", "merchant", "operator"]))
    def cancel(self, pick: int, who: str) -> None:
        order = self.one(pick, State.PLACED, State.APPROVED, State.SIGNED, State.PAID)
        actor = f"{who}:{order.customer_id}"
        self.act("cancel", lambda: cancellations.cancel(order.pk, actor, "test", self.at))

    @among(State.PAID)
    @rule(pick=PICK)
    def ship(self, pick: int) -> None:
        order = self.one(pick, State.PAID)
        self.act("ship", lambda: make._ship(order, self.at))

    @among(State.SHIPPED)
    @rule(pick=PICK, by_customer=st.booleans())
    def deliver(self, pick: int, by_customer: bool) -> None:
        order = self.one(pick, State.SHIPPED)
        self.act("deliver", lambda: shipping.record_delivery(order.pk, "merchant:1", self.at))
        if by_customer:
            self.act("receive", lambda: receipts.confirm(order.pk, f"customer:{order.customer_id}", self.at))

    @among(State.ACTIVE)
    @rule(pick=PICK)
    def begin_return(self, pick: int) -> None:
        order = self.one(pick, State.ACTIVE)
        self.act("begin return", lambda: returns.open_return(order.pk, f"customer:{order.customer_id}", self.at))

    @among(State.RETURNING)
    @rule(pick=PICK, withdraws=st.sampled_from([False, False, True]))
    def send_back(self, pick: int, withdraws: bool) -> None:
        order = self.one(pick, State.RETURNING)
        actor = f"customer:{order.customer_id}"
        if withdraws:
            self.act("withdraw return", lambda: returns.withdraw(order.pk, actor, self.at))
        else:
            self.act("send back", lambda: returns.hand_over(order.pk, actor, "sf", make.waybill(), self.at))

    @among(State.RETURNING)
    @rule(pick=PICK)
    def arrive(self, pick: int) -> None:
        order = self.one(pick, State.RETURNING)
        if order.parcels.filter(way=Parcel.Way.BACK).exists():
            self.act("arrive", lambda: inspections.arrive(order.pk, "merchant:1", self.at))

    @among(State.INSPECTING)
    @rule(pick=PICK)
    def inspect(self, pick: int) -> None:
        order = self.one(pick, State.INSPECTING)
        inspector = make.merchant_member("qinghe")
        self.act(
            "inspect",
            lambda: inspections.pass_device(
                order.pk, inspector, serial_matches=True, wiped=True, note="", at=self.at + timedelta(0)
            ),
        )
