"""The shapes of what the API tells and takes: how values are written, and what docs/api.yaml says of them."""

from typing import Any

from rest_framework import serializers

from api import fields
from billing.models import Deposit, Lease
from billing.services.statements import Condition
from orders.models import State

ORDER_STATES, LEASE_STATES, DEPOSIT_STATES = State.values, Lease.State.values, Deposit.State.values
Plain = serializers.Serializer[dict[str, Any]]


def _money(**named: Any) -> serializers.DecimalField:
    """Yuan as a string with two decimals."""
    return serializers.DecimalField(max_digits=14, decimal_places=2, **named)


class Device(Plain):
    name = serializers.CharField()
    brand = serializers.CharField()
    specification = serializers.CharField()


class Term(Plain):
    """Months; of a short rental its days."""

    months = serializers.IntegerField(allow_null=True)
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)


class OrderRow(Plain):
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=ORDER_STATES)
    state_label = serializers.CharField(help_text="In the language of Accept-Language, as every label.")
    device = Device()
    term = Term()
    rent = _money(help_text="A month; of a short rental the whole.")
    placed_at = serializers.DateTimeField()
    href = serializers.URLField()


class OrderList(Plain):
    orders = OrderRow(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one.")


class LeaseShape(Plain):
    state = serializers.ChoiceField(choices=LEASE_STATES)
    start = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)


class DepositShape(Plain):
    kind = serializers.ChoiceField(choices=Deposit.Kind.values)
    state = serializers.ChoiceField(choices=DEPOSIT_STATES)
    total = _money()
    waived = _money()
    to_hold = _money()


class BillShape(Plain):
    number = serializers.IntegerField()
    kind = serializers.CharField()
    due_date = serializers.DateField(allow_null=True)
    amount = _money()
    paid = _money()
    late_fee = _money(help_text="If it is paid today.")
    owed = _money(help_text="Today, with the late fee.")
    condition = serializers.ChoiceField(choices=[each.value for each in Condition])


class Choice(Plain):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class FieldShape(Plain):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    type = serializers.ChoiceField(choices=[word for _kind, word, _json in fields.KINDS])
    required = serializers.BooleanField()  # type: ignore[assignment]
    longest = serializers.IntegerField(allow_null=True)
    choices = Choice(many=True, allow_null=True)


class Price(Plain):
    """The figures that the step's page shows; `shown` is sent back as a yes to exactly these."""

    to_pay = _money()
    given_back = _money()
    on = serializers.DateField()
    shown = serializers.CharField()


class Effect(Plain):
    text = serializers.CharField()
    amount = _money(allow_null=True)
    on = serializers.DateField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class ActionShape(Plain):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    hint = serializers.CharField()
    primary = serializers.BooleanField()
    price = Price(allow_null=True)
    effects = Effect(many=True)
    form = FieldShape(many=True)
    href = serializers.URLField(allow_null=True, help_text="A page of its own: signing, paying, photos.")


class OrderShape(OrderRow):
    approved_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    waits_until = serializers.DateTimeField(allow_null=True, help_text="When the present wait ends by itself.")
    lease = LeaseShape()
    deposit = DepositShape()
    bills = BillShape(many=True)
    actions = ActionShape(many=True)


class Taken(Plain):
    """A step that was taken, and the order's state after it."""

    order = serializers.CharField()
    action = serializers.CharField()
    state = serializers.ChoiceField(choices=ORDER_STATES)


class FieldError(Plain):
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemShape(Plain):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for machines.")
    detail = serializers.CharField(help_text="For people, in the language of Accept-Language.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=FieldError(many=True), required=False, help_text="By field; the empty name is the whole."
    )
