"""A short rental whose device arrives broken, or breaks: reported, sent back, the lost days given back (ADR 40)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.services.standstills import Event
from billing.models import Bill, Refund
from core import calendar, money
from core.services import events
from orders import actions, jobs
from orders.models import DevicePhoto, Ending, Order, State
from orders.services import claims, defects, endings, inspections, photos, returns, shipping, standstills
from orders.services.inspections import Findings
from storefront.pages import labels, ways_out
from tests import make, walks, worked
from tests.evidence import picture
from tests.services.test_orders_shorts import HOUR, SLUG, WEEKEND

pytestmark = pytest.mark.django_db
RENT = Decimal(398)


def on(day: int, hour: int = 12) -> datetime:
    return calendar.instant(date(2026, 3, day), hour)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A camera for Friday the 6th to Sunday the 8th of March, on its way."""
    with walks.kept(django_db_blocker):
        order = make.order(State.PAID, slug=SLUG, dates=WEEKEND, at=make.AT)
        shipping.ship(order.pk, "merchant:1", order.booking.unit.serial, "sf", make.waybill(), make.AT + HOUR)
        yield order.pk


@pytest.fixture
def camera(staged: int) -> Order:
    """Delivered on Thursday at 15:00."""
    return shipping.record_delivery(staged, "platform", on(5, 15))


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def report(order: Order, at: datetime, shown: str | None = None) -> Ending:
    return defects.report(order.pk, me(order), ["power"], "开不了机", at, shown)


def sent(order: Order, at: datetime) -> None:
    """The carrier has it, and the merchant the day after."""
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), at)
    make.scan(order, at + HOUR)
    inspections.arrive(order.pk, "merchant:1", at + timedelta(days=1))


def passed(order: Order, at: datetime) -> None:
    inspections.pass_device(order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=at)
    make.drain(at)
    assert walks.read(order).state == State.COMPLETED
    assert walks.broken() == {}


def refunded(order: Order) -> Decimal:
    return money.total(Refund.objects.filter(payment__customer=order.customer).values_list("amount", flat=True))


def buttons(order: Order, at: datetime) -> set[str]:
    return {button.name for button in actions.for_customer(walks.read(order), at)}


def is_noted(order: Order) -> bool:
    return bool(events.of(order.merchant).filter(kind="marked", facts__reason="defect").exists())


def test_after_the_delivery_it_can_be_reported(camera: Order) -> None:
    assert {"broken", "return", "lost"} <= buttons(camera, on(5, 16))
    assert "defect" not in buttons(camera, on(5, 16))


def test_reported_on_the_first_day_everything_comes_back(camera: Order) -> None:
    ending = report(camera, on(6, 23))
    assert (ending.quoted.days, ending.quoted.payoff.given_back) == (0, RENT)
    assert is_noted(camera)
    assert str(labels.payer(walks.read(camera), to_merchant=True)) == str(labels.BY_MERCHANT)
    sent(camera, on(7))
    member, found = make.merchant_member(), Findings(serial_matches=True, wiped=True, note="")
    with walks.nothing_changes(), pytest.raises(claims.NeverReceived):  # he never accepted it
        claims.propose(camera.pk, member, found, [], on(8, 13))
    passed(camera, on(8, 14))
    assert refunded(camera) == RENT


def test_reported_within_the_term_the_days_from_then_on_come_back(camera: Order) -> None:
    """398.00 over three days: 132.67 for the Friday; 132.67 and 132.66 come back, whenever he sends it."""
    ending = report(camera, on(7, 9))
    assert (ending.quoted.days, ending.quoted.payoff.given_back) == (1, Decimal("265.33"))
    sent(camera, on(9))
    assert camera.lease.bills.get(number=1).reduced == Decimal("265.33")
    passed(camera, on(10, 14))
    assert refunded(camera) == Decimal("265.33")
    assert camera.lease.bills.count() == 1


@pytest.mark.parametrize("row", worked.table("short-rentals", "Not as agreed: until when everything comes back"))
def test_the_documented_hours(staged: int, row: dict[str, str]) -> None:
    order = shipping.record_delivery(staged, "platform", moment(row["delivered"]))
    at = moment(row["reported"])
    if row["days paid"] == "refused":
        with walks.nothing_changes(), pytest.raises(defects.DefectLate):
            report(order, at)
        assert "broken" not in buttons(order, at)
        return
    assert "broken" in buttons(order, at)
    assert report(order, at).quoted.days == int(row["days paid"])


def moment(text: str) -> datetime:
    day, _space, clock = text.partition(" ")
    hour, minute = clock.split(":")
    return calendar.instant(date.fromisoformat(day), int(hour), int(minute))


def test_what_comes_back_stands_before_the_press_and_is_refused_when_it_changed(camera: Order) -> None:
    shown = ways_out.of(camera, "broken", on(6))
    assert shown is not None
    assert (shown.given_back, shown.to_pay) == (RENT, Decimal(0))
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        report(camera, on(7, 9), shown.code)
    assert report(camera, on(6, 20), shown.code).state == "OPEN"


def test_not_sent_in_seven_days_it_is_kept_and_days_beyond_cost_day_rent(camera: Order) -> None:
    """Reported on the 8th: nothing is billed until the 15th; then 9 to 14 March, six days at 158, stand at once."""
    report(camera, on(8, 9))
    for day in range(9, 15):
        day_end(day)
    assert (walks.read(camera).state, camera.lease.bills.count()) == (State.RETURNING, 1)
    day_end(15)
    assert walks.read(camera).state == State.ACTIVE
    day_end(16)
    rent = camera.lease.bills.get(kind=Bill.Kind.DAY_RENT)
    assert (rent.period_start, rent.rent) == (date(2026, 3, 9), 7 * Decimal(158))
    assert walks.told(camera, "defect_lapsed") == 1
    assert walks.broken() == {}


def test_sent_within_its_seven_days_no_day_costs_anything(camera: Order) -> None:
    report(camera, on(8, 9))
    sent(camera, on(14))
    assert camera.lease.bills.count() == 1
    passed(camera, on(15, 14))
    assert refunded(camera) == Decimal("132.66")


def test_withdrawn_everything_is_as_before(camera: Order) -> None:
    report(camera, on(6))
    assert "withdraw" in buttons(camera, on(6, 13))
    returns.withdraw(camera.pk, me(camera), on(6, 14))
    assert walks.read(camera).state == State.ACTIVE
    assert camera.lease.bills.get(number=1).reduced == 0
    assert walks.broken() == {}


def test_a_waybill_that_no_carrier_scanned_counts_for_nothing(camera: Order) -> None:
    report(camera, on(6))
    returns.hand_over(camera.pk, me(camera), "sf", make.waybill(), on(7))
    for day in (22, 23):
        day_end(day)
    assert walks.read(camera).state == State.ACTIVE
    assert camera.lease.bills.get(number=1).reduced == 0
    assert walks.broken() == {}


def test_lost_on_its_way_back_it_is_the_merchants_and_the_days_come_back(camera: Order) -> None:
    report(camera, on(6))
    returns.hand_over(camera.pk, me(camera), "sf", make.waybill(), on(7))
    make.scan(camera, on(7, 13))
    day_end(23)
    make.drain(on(23))
    assert walks.read(camera).state == State.COMPLETED
    assert refunded(camera) == RENT
    assert walks.broken() == {}


def test_after_a_death_the_estate_sends_it_and_the_days_come_back(camera: Order) -> None:
    report(camera, on(7, 9))
    standstills.record(camera.customer, Event("DEATH", date(2026, 3, 7), "-"), b"%PDF-1.4 a paper", "operator:1", on(8))
    assert standstills.open_return(camera.pk, "operator:1", on(8)).basis == Ending.Basis.ESTATE
    day_end(20)
    sent(camera, on(21))
    passed(camera, on(22, 14))
    assert refunded(camera) == Decimal("265.33")
    assert camera.lease.bills.count() == 1


def test_nothing_said_is_nothing_reported_and_a_long_lease_has_its_repair(camera: Order) -> None:
    with walks.nothing_changes(), pytest.raises(defects.DefectUnsaid):
        defects.report(camera.pk, me(camera), [], " ", on(6))
    long = make.order(State.ACTIVE, months=3, slug="mini-4")
    with walks.nothing_changes(), pytest.raises(defects.DefectLate):
        report(long, make.AT + HOUR)


def test_pictures_of_it_can_be_added_until_it_is_sent_off(camera: Order) -> None:
    report(camera, on(6))
    assert "photos" in buttons(camera, on(6, 13))
    assert photos.open_moment(walks.read(camera), photos.OF_CUSTOMER) == DevicePhoto.Moment.DEFECT
    photos.add(camera.pk, "DEFECT", "SCREEN", picture(), me(camera), on(6, 13))
    returns.hand_over(camera.pk, me(camera), "sf", make.waybill(), on(7))
    assert photos.open_moment(walks.read(camera), photos.OF_CUSTOMER) == DevicePhoto.Moment.RETURNED
    with walks.nothing_changes(), pytest.raises(photos.PhotoTooLate):
        photos.add(camera.pk, "DEFECT", "FRONT", picture(), me(camera), on(7))
    assert "photos" not in buttons(camera, on(7, 13))


def day_end(day: int) -> None:
    at = on(day, 23)
    for job in jobs.JOBS:
        job.run(calendar.business_date(at), at)
