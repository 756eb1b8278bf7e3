"""A carrier's word: kept once, in any order, forged or late; and the two ways in which a lease never begins."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from billing.models import Lease
from core.models import InboxNotice
from credit.models import Hold
from integrations import registry
from integrations.errors import ProviderUnavailable
from integrations.logistics import Condition, Scan, Tracking
from orders import actions
from orders.models import Order, Parcel, ParcelEvent, State
from orders.services import (
    claims,
    defects,
    inspections,
    polling,
    receipts,
    returns,
    shipping,
    steps,
    tracking,
    turned_back,
    waits,
)
from sandbox.models import FaultOrder, OutgoingNotice
from sandbox.services import faults, notices, parcels
from sandbox.shipments import Shipment
from tests import make, things, transport, walks

pytestmark = pytest.mark.django_db
AT = make.AT + timedelta(days=1)
DAY = timedelta(days=1)
URL = "/api/parcels/kuaidi100/"


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        paid = make.order(State.PAID, of=make.customer(812), months=6)
        yield {"paid": paid.pk, "shipped": make.order(State.SHIPPED, of=make.customer(690), months=6).pk}


@pytest.fixture
def shipped(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["shipped"])


def out(order: Order) -> Parcel:
    return order.parcels.get(way=Parcel.Way.OUT)


def told(order: Order, *scans: tuple[datetime, Condition], at: datetime = AT) -> int:
    parcel = order.parcels.order_by("-id")[0]
    rows = tuple(Scan(when, f"{condition} {when:%d %H:%M}", "", condition) for when, condition in scans)
    return tracking.record(parcel.pk, Tracking(parcel.carrier, parcel.waybill, scans[-1][1], rows), at)


def move(order: Order, name: str, at: datetime) -> None:
    """What a person lets happen at the sandbox; its push comes in and is acted on."""
    parcels.move(Shipment.objects.get(number=order.parcels.order_by("-id")[0].waybill), name, at)
    make.deliver_notices(at)


def test_a_carrier_that_cannot_be_asked_is_no_carrier_that_says_nothing(
    shipped: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its outage ends no wait and marks no merchant; the page says so; asked again, the facts count. Not for ever."""

    def gone(*_facts: Any) -> Any:
        raise ProviderUnavailable("time-out")

    end = AT + 15 * DAY
    monkeypatch.setattr(type(registry.logistics()), "query", gone)
    polling.ask_open(end - DAY)
    assert out(shipped).unasked_since == end - DAY
    waits.end_due(end)
    polling.ask_open(end + DAY)
    waits.end_due(end + DAY)
    order = walks.read(shipped)
    assert (order.state, out(order).unasked_since) == (State.SHIPPED, end - DAY)
    client = Client()
    client.force_login(order.customer.user)
    with make.moment(end + DAY):
        client.post("/language/", {"language": "en", "next": "/"})
        assert "The carrier cannot be asked since" in client.get(f"/orders/{order.number}/").content.decode()
    waits.end_due(end + 13 * DAY)
    assert walks.read(shipped).state == State.SHIPPED
    waits.end_due(end + 14 * DAY)  # fifteen days without an answer
    assert (walks.read(shipped).state, walks.read(shipped).reason) == (State.CANCELLED, "lost_outbound")
    assert walks.broken() == {}


def test_an_answer_after_the_outage_lets_the_clock_go_on(shipped: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = out(shipped)
    Parcel.objects.filter(pk=parcel.pk).update(unasked_since=AT + 14 * DAY)
    waits.end_due(AT + 15 * DAY)
    assert walks.read(shipped).state == State.SHIPPED
    told(shipped, (AT + 13 * DAY, Condition.TRANSIT), at=AT + 15 * DAY)
    assert out(shipped).unasked_since is None
    assert walks.read(shipped).waits_until == AT + 28 * DAY


def test_shipping_subscribes_and_a_push_goes_all_the_way(shipped: Order) -> None:
    assert out(shipped).subscribed_at is not None
    move(shipped, "collected", AT)
    move(shipped, "delivered", AT + DAY)
    parcel, order = out(shipped), walks.read(shipped)
    assert [scan.condition for scan in parcel.scans.all()] == ["COLLECTED", "DELIVERED"]
    assert (parcel.scanned_at, parcel.heard_at, parcel.delivered_at) == (AT, AT + DAY, AT + DAY)
    assert (order.state, order.waits_until) == (State.SHIPPED, AT + 8 * DAY)
    waits.end_due(AT + 8 * DAY)
    assert walks.read(shipped).state == State.ACTIVE
    assert walks.broken() == {}


def test_the_seven_days_count_from_the_delivery_not_from_hearing_of_it(shipped: Order) -> None:
    told(shipped, (AT, Condition.DELIVERED), at=AT + 3 * DAY)
    assert walks.read(shipped).waits_until == AT + 7 * DAY


def test_fifty_duplicates_are_one(shipped: Order) -> None:
    faults.order("notice:parcel", FaultOrder.Kind.DUPLICATE, argument="49")
    move(shipped, "collected", AT)
    assert OutgoingNotice.objects.filter(wire="kuaidi100", delivered_at__isnull=False).count() == 50
    assert InboxNotice.objects.filter(provider="kuaidi100").count() == 1
    assert ParcelEvent.objects.count() == 1
    assert told(shipped, (AT, Condition.TRANSIT)) == 1
    with walks.nothing_changes():
        assert told(shipped, (AT, Condition.TRANSIT)) == 0


def test_a_forged_push_changes_nothing(shipped: Order, client: Client) -> None:
    faults.order("notice:parcel", FaultOrder.Kind.FORGED)
    parcels.move(Shipment.objects.get(number=out(shipped).waybill), "refused", AT)
    with make.moment(AT), walks.nothing_changes("sandbox_outgoingnotice"):
        notices.deliver_due(AT, notices.into(client))
    assert client.post(URL, {"param": "{}", "sign": "x"}).status_code == 400
    assert client.post("/api/parcels/nobody/", {}).status_code == 404
    assert client.get(URL).status_code == 405


def test_a_push_about_no_parcel_of_ours_is_closed(shipped: Order) -> None:
    parcel = out(shipped)
    parcels.subscribe("ems", "EM00000000", Shipment.objects.get(number=parcel.waybill).callback_url,
                      Shipment.objects.get(number=parcel.waybill).salt, AT)  # fmt: skip
    parcels.move(Shipment.objects.get(number="EM00000000"), "collected", AT)
    make.deliver_notices(AT)
    assert InboxNotice.objects.get(provider="kuaidi100").outcome == "no parcel of ours"


def test_scans_out_of_order_move_nothing_back(shipped: Order) -> None:
    told(shipped, (AT + DAY, Condition.DELIVERED), at=AT + DAY)
    wait = walks.read(shipped).waits_until
    told(shipped, (AT, Condition.COLLECTED), at=AT + DAY)
    parcel, order = out(shipped), walks.read(shipped)
    assert (order.waits_until, parcel.delivered_at, parcel.scanned_at) == (wait, AT + DAY, AT)


def test_a_scan_gives_the_parcel_fifteen_days_more_and_silence_loses_it(shipped: Order) -> None:
    told(shipped, (AT + DAY, Condition.TRANSIT), at=AT + DAY)
    assert walks.read(shipped).waits_until == AT + 16 * DAY
    waits.end_due(AT + 16 * DAY - timedelta(seconds=1))
    assert walks.read(shipped).state == State.SHIPPED
    waits.end_due(AT + 16 * DAY)
    order = walks.read(shipped)
    assert (order.state, order.reason) == (State.CANCELLED, "lost_outbound")


def test_a_void_waybill_keeps_its_history_and_moves_nothing(shipped: Order) -> None:
    Parcel.objects.filter(order=shipped).update(void_at=AT)
    assert told(shipped, (AT, Condition.TURNED_BACK)) == 1
    assert walks.read(shipped).state == State.SHIPPED


def test_what_was_told_is_never_changed(shipped: Order) -> None:
    told(shipped, (AT, Condition.TRANSIT))
    with pytest.raises(IntegrityError), transaction.atomic():
        ParcelEvent.objects.update(text="other")


def test_a_carrier_that_is_down_hurts_no_order_and_is_asked_again(staged: dict[str, int]) -> None:
    faults.order("kuaidi100.poll", FaultOrder.Kind.DOWN, times=3)
    order = Order.objects.get(pk=staged["paid"])
    with make.moment(AT):
        unit = order.merchant.units.filter(sku=order.plan.sku).exclude(orders__isnull=False).first()
        assert unit is not None
        shipping.ship(order.pk, "merchant:1", unit.serial, "sf", make.waybill(), AT)
        with pytest.raises(ProviderUnavailable):  # the task fails; the sweeper offers it again
            make.drain(AT)
    assert walks.read(order).state == State.SHIPPED
    assert out(order).subscribed_at is None
    assert out(order).pk not in tracking.to_ask(AT + timedelta(hours=23))
    assert out(order).pk in tracking.to_ask(AT + DAY)
    parcels.subscribe("shunfeng", out(order).waybill, "", "", AT)
    parcels.move(Shipment.objects.get(number=out(order).waybill), "delivered", AT + DAY)
    with make.moment(AT + 2 * DAY):
        polling.ask_open(AT + 2 * DAY)
    assert out(order).delivered_at == AT + DAY
    assert out(order).pk not in tracking.to_ask(AT + 2 * DAY)


def money_back(order: Order) -> None:
    """Nothing of the customer's is kept: bills void, payments refunded, deposit and quota free."""
    order = walks.read(order)
    assert order.state == State.COMPLETED
    assert order.lease.state == Lease.State.VOID
    paid = order.lease.bills.get(number=1).payment_items.get().payment
    make.drain(AT + 10 * DAY)
    paid = things.again(paid)
    assert paid.refunded == paid.amount > Decimal(0)
    assert not Hold.objects.filter(order_number=order.number, state=Hold.State.HELD).exists()
    assert walks.broken() == {}


def test_the_journey_of_a_parcel_that_is_turned_back(shipped: Order) -> None:
    move(shipped, "collected", AT)
    move(shipped, "refused", AT + DAY)
    order = walks.read(shipped)
    assert (order.state, order.reason, order.lease.state) == (State.RETURNING, "turned_back", Lease.State.DRAFT)
    assert walks.told(order, "parcel_turned_back") == 1
    assert [each.name for each in actions.for_customer(order, AT + DAY)] == []
    for step in (returns.withdraw, turned_back.keep):
        with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
            step(order.pk, "customer:1", AT + DAY)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        returns.hand_over(order.pk, "customer:1", "sf", make.waybill(), AT + DAY)
    inspections.arrive(order.pk, "merchant:1", AT + 3 * DAY)
    inspections.end_wait(order.pk, AT + 30 * DAY)
    money_back(shipped)


def test_a_turned_back_parcel_that_never_arrives_costs_the_customer_nothing(shipped: Order) -> None:
    turned_back.turn_back(shipped.pk, "operator:1", AT)
    waits.end_due(AT + 15 * DAY)
    money_back(shipped)


def test_the_journey_of_a_defect_at_receipt(shipped: Order) -> None:
    with walks.nothing_changes(), pytest.raises(defects.DefectUnsaid):
        turned_back.report_defect(shipped.pk, "customer:1", [], " ", AT)
    turned_back.report_defect(shipped.pk, "customer:1", ["power"], "开不了机", AT)
    order = walks.read(shipped)
    assert (order.state, order.reason, order.lease.start) == (State.RETURNING, "defect", None)
    assert {each.name for each in actions.for_customer(order, AT)} == {"hand-over", "keep", "label", "photos"}
    assert walks.broken() == {}
    with pytest.raises(steps.StepNotPossible):
        receipts.confirm(order.pk, "customer:1", AT)
    returns.hand_over(order.pk, "customer:1", "sf", make.waybill(), AT + DAY)
    make.drain(AT + DAY)
    move(order, "collected", AT + DAY)
    assert order.parcels.get(way=Parcel.Way.BACK).scanned_at == AT + DAY
    inspections.arrive(order.pk, "merchant:1", AT + 3 * DAY)
    assert "claim" not in {each.name for each in actions.offered(actions.MERCHANT, walks.read(shipped), AT + 3 * DAY)}
    found = inspections.Findings(serial_matches=True, wiped=True, note="")
    member = make.merchant_member("qinghe")
    with walks.nothing_changes(), pytest.raises(claims.NeverReceived):
        claims.propose(order.pk, member, found, [claims.Found("screen", "seen", b"")], AT + 3 * DAY)
    inspections.end_wait(order.pk, AT + 30 * DAY)
    money_back(shipped)


@pytest.mark.parametrize("by_time", [True, False])
def test_a_defect_that_is_kept_is_a_receipt(shipped: Order, by_time: bool) -> None:
    turned_back.report_defect(shipped.pk, "customer:1", ["grade"], "", AT)
    if by_time:
        waits.end_due(AT + 7 * DAY)
    else:
        turned_back.keep(shipped.pk, "customer:1", AT + 7 * DAY)
    order = walks.read(shipped)
    assert (order.state, order.received_at, order.lease.state) == (State.ACTIVE, AT + 7 * DAY, Lease.State.LIVE)
    assert order.lease.start is not None
    assert walks.broken() == {}
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        turned_back.keep(shipped.pk, "customer:1", AT + 7 * DAY)


def test_the_order_page_shows_what_the_carrier_said_and_a_stranger_nothing(shipped: Order, client: Client) -> None:
    told(shipped, (AT, Condition.COLLECTED))
    turned_back.turn_back(shipped.pk, "operator:1", AT)
    with make.moment(AT):
        client.force_login(shipped.customer.user)
        page = client.get(f"/orders/{shipped.number}/").content.decode()
        assert "COLLECTED 03" in page
        client.force_login(make.customer(700).user)
        assert client.get(f"/orders/{shipped.number}/").status_code == 404
        client.force_login(make.merchant_member())
        make.gave_second_factor(client)
        assert "COLLECTED 03" in client.get(f"/portal/orders/{shipped.number}/").content.decode()


def test_a_person_moves_a_parcel_on_the_sandboxs_page(shipped: Order) -> None:
    sandbox_client = httpx.Client(transport=transport.sandbox(), base_url="http://sandbox")
    row = Shipment.objects.get(number=out(shipped).waybill)
    with make.moment(AT):
        assert out(shipped).waybill in sandbox_client.get("/parcels/").text
        moved = sandbox_client.post(f"/parcels/{row.pk}/move/", data={"move": "delivered"})
        assert moved.status_code == 302
        assert sandbox_client.post(f"/parcels/{row.pk}/move/", data={"move": "eaten"}).status_code == 404
    assert row.scans.get().code == "3"
