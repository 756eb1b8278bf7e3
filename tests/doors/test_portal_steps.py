"""The merchant's steps as pages: what they say before, what they do, what they answer to bad input."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Deposit, Refund
from catalog.services import units
from core import calendar
from core.models import Event
from orders.models import Inspection, Order, Parcel, State
from orders.services import cancellations, inspections, returns
from tests import make

pytestmark = pytest.mark.django_db

LATER = make.AT + timedelta(hours=1)


@pytest.fixture
def paid() -> Order:
    return make.order(State.PAID)


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(make.merchant_member())
    return client


def address(order: Order, name: str) -> str:
    return reverse("portal:act", args=[order.number, name])


def parcel(order: Order, **changed: str) -> dict[str, str]:
    """What a merchant types to ship: the first free unit, SF Express, a fresh waybill."""
    unit = order.merchant.units.filter(sku=order.plan.sku).order_by("pk").first()
    assert unit is not None
    return {"code": unit.serial, "carrier": "sf", "waybill": make.waybill(), **changed}


def test_shipping_binds_the_unit_and_leads_back_to_the_order(paid: Order, member: Client) -> None:
    facts = parcel(paid)
    with make.moment(LATER):
        answer = member.post(address(paid, "ship"), facts)
    assert (answer.status_code, answer["Location"]) == (303, reverse("portal:order", args=[paid.number]))
    order = Order.objects.get(pk=paid.pk)
    assert order.state == State.SHIPPED
    assert order.unit is not None
    assert order.unit.serial == facts["code"]
    assert Parcel.objects.get(order=order).waybill == facts["waybill"]
    step = Event.objects.filter(kind="transition", subject_id=order.pk).latest("id")
    assert step.actor == f"merchant:{make.merchant_member().pk}"
    with make.moment(LATER):
        assert facts["waybill"] in member.get(answer["Location"]).content.decode()


def test_the_shipping_page_changes_nothing(paid: Order, member: Client) -> None:
    before = Event.objects.count()
    with make.moment(LATER):
        page = member.get(address(paid, "ship"))
    assert page.status_code == 200
    assert [row.at for row in page.context["consequences"] if row.at] == [LATER + timedelta(days=15)]
    assert Order.objects.get(pk=paid.pk).state == State.PAID
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "NO-SUCH-UNIT"}, "code"),
        ({"code": ""}, "code"),
        ({"waybill": "12 34"}, "waybill"),
        ({"waybill": "运单号一二三四五六"}, "waybill"),
        ({"waybill": "x" * 200}, "waybill"),
        ({"waybill": "SF<script>alert(1)"}, "waybill"),
        ({"carrier": "pigeon"}, "carrier"),
    ],
)
def test_a_bad_parcel_is_refused_at_its_field(paid: Order, member: Client, changed: dict[str, str], field: str) -> None:
    with make.moment(LATER):
        answer = member.post(address(paid, "ship"), parcel(paid, **changed))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Order.objects.get(pk=paid.pk).state == State.PAID
    assert not Parcel.objects.filter(order=paid).exists()


def test_units_of_another_specification_or_out_with_a_customer_are_refused(paid: Order, member: Client) -> None:
    other = make.plan("pad-11")
    wrong = units.add(paid.merchant, other.sku, "PAD-0001", "", make.AT)
    first, second = parcel(paid), parcel(make.order(State.PAID))
    with make.moment(LATER):
        refused = member.post(address(paid, "ship"), {**first, "code": wrong.serial})
        assert list(refused.context["form"].errors) == ["code"]
        assert member.post(address(paid, "ship"), first).status_code == 303
        newer = Order.objects.latest("pk")
        out = member.post(address(newer, "ship"), {**second, "code": first["code"]})
        used = member.post(address(newer, "ship"), {**parcel(newer), "waybill": first["waybill"]})
    assert list(out.context["form"].errors) == ["code"]
    assert list(used.context["form"].errors) in (["waybill"], ["code"])
    assert Order.objects.get(pk=newer.pk).state == State.PAID


def test_a_step_that_is_no_longer_possible_is_said_clearly(paid: Order, member: Client) -> None:
    cancellations.cancel(paid.pk, "operator:1", "sold out", LATER)
    with make.moment(LATER):
        for answer in (member.get(address(paid, "ship")), member.post(address(paid, "ship"), parcel(paid))):
            assert answer.status_code == 409
            assert answer.templates[0].name == "portal/gone.html"
    assert not Parcel.objects.filter(order=paid).exists()


@pytest.mark.parametrize("name", ["approve", "confirm", "nonsense"])
def test_steps_of_other_faces_do_not_exist_here(paid: Order, member: Client, name: str) -> None:
    assert member.post(address(paid, name)).status_code == 404


def test_cancelling_says_the_amounts_first_and_gives_them_back(paid: Order, member: Client) -> None:
    bill, deposit = paid.lease.bills.get(number=1), paid.lease.deposit
    with make.moment(LATER):
        page = member.get(address(paid, "cancel"))
        told = [row.amount for row in page.context["consequences"] if row.amount is not None]
        assert told[0] == bill.paid
        assert deposit.to_hold in told or not deposit.to_hold
        assert member.post(address(paid, "cancel"), {"reason": ""}).status_code == 422
        assert member.post(address(paid, "cancel"), {"reason": "没货了"}).status_code == 303
        shown = member.get(reverse("portal:order", args=[paid.number])).content.decode()
    assert "没货了" in shown
    assert Order.objects.get(pk=paid.pk).state == State.CANCELLED
    assert Refund.objects.get(payment__items__bill=bill).amount == bill.paid


def test_the_address_opens_on_demand_and_the_opening_is_recorded(paid: Order, member: Client) -> None:
    with make.moment(LATER):
        masked = member.get(reverse("portal:order", args=[paid.number])).content.decode()
        opened = member.post(reverse("portal:address", args=[paid.number]))
    assert "科苑路 15 号 3 栋 1201" not in masked
    assert "13900000000" not in masked
    assert "科苑路 15 号 3 栋 1201" in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    unsealed = Event.objects.filter(kind="unsealed", facts__purpose="shipping")
    assert unsealed.count() == 3
    assert {event.actor for event in unsealed} == {f"merchant:{make.merchant_member().pk}"}


def test_a_returned_device_is_taken_in_and_passed(member: Client) -> None:
    order = make.order(State.RETURNING)
    back = order.parcels.get(way=Parcel.Way.BACK).handed_over_at + timedelta(days=1)
    with make.moment(back):
        member.force_login(make.merchant_member())
        assert member.post(address(order, "arrive")).status_code == 303
        untouched = member.post(address(order, "pass"), {"serial_matches": "on"})
        assert list(untouched.context["form"].errors) == ["wiped"]
        page = member.get(address(order, "pass"))
        assert page.context["consequences"][1].amount == sum(
            (freeze.held for freeze in order.lease.deposit.freezes.all()), Decimal("0.00")
        )
        answer = member.post(address(order, "pass"), {"serial_matches": "on", "wiped": "on", "note": "完好"})
    assert answer.status_code == 303
    assert Order.objects.get(pk=order.pk).state == State.COMPLETED
    assert Inspection.objects.get(order=order).inspector == make.merchant_member()
    assert Deposit.objects.get(lease=order.lease).state in (Deposit.State.RELEASING, Deposit.State.RELEASED)


def test_an_inspection_with_rent_still_owed_names_the_amount(member: Client) -> None:
    order = make.order(State.ACTIVE)
    last = order.lease.last_day
    assert last is not None
    at = calendar.instant(last, 12)
    returns.open_return(order.pk, "customer:1", at)
    inspections.arrive(order.pk, "merchant:1", at)
    with make.moment(at):
        member.force_login(make.merchant_member())
        page = member.get(address(order, "pass"))
    owed = sum(bill.amount for bill in order.lease.bills.filter(state="OPEN"))
    assert page.context["consequences"][0].amount >= owed > 0


def test_the_merchant_reports_a_device_that_was_never_switched_on_and_nobody_else_does(member: Client) -> None:
    lease = make.order(State.ACTIVE)
    place, other = address(lease, "activation"), Client()
    other.force_login(make.merchant_member("qinghe"))
    wish = {"activated": "no", "source": "MAKER"}
    with make.moment(LATER):
        assert other.post(place, wish).status_code == 404
        assert member.post(place, {"activated": "maybe", "source": "MAKER"}).status_code == 422
        assert not lease.activations.exists()
        assert member.post(place, wish).status_code == 303
        page = member.get(reverse("portal:order", args=[lease.number]), headers={"accept-language": "en"})
        assert "Reported as never switched on" in page.content.decode()
        assert member.post(place, wish | {"activated": "yes"}).status_code == 303
        assert member.post(place, wish).status_code == 409
    assert list(lease.activations.order_by("id").values_list("activated", flat=True)) == [False, True]
