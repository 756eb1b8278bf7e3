"""From the return to goodbye: lock, claim, answer, decision, deposit (H2–H5, H12, L8; domain.md §5, §7, §8)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill, DepositDeduction
from billing.services import captures, holding
from core import calendar
from core.models import Approval
from core.services import workdays
from orders.models import AccountLock, ClaimPhoto, DamageClaim, Inspection, Order, State
from orders.services import claim_photos, claims, deposit_deductions, inspections, returns, waits
from orders.services.claims import Found
from orders.services.inspections import Findings
from tests import make, walks
from tests.evidence import picture

pytestmark = pytest.mark.django_db
BACK = calendar.instant(make.AT.date() + timedelta(days=93), 12)  # the return's noon, a Wednesday
FOUND = Findings(serial_matches=True, wiped=True, note="seen", condition="GOOD")
SCRATCH, BATTERY = Decimal("566.64"), Decimal("1133.28")  # 3 % and 6 % of the dearest drone's 18,888.00
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def arrived(of: Any) -> Order:
    """Every rent paid, the device with the merchant."""
    order = make.order(State.ACTIVE, slug="mini-4", months=3, of=of)
    for number in (2, 3):
        make.pay_bill(order, number, make.AT + HOUR)
    last = Order.objects.get(pk=order.pk).lease.last_day
    assert last is not None
    returns.open_return(order.pk, f"customer:{order.customer_id}", calendar.instant(last, 12))
    returns.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), calendar.instant(last, 12))
    return inspections.arrive(order.pk, "merchant:1", BACK)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        yield {"held": arrived(make.customer(None)).pk, "waived": arrived(make.customer(812)).pk}


@pytest.fixture
def held(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["held"])


@pytest.fixture
def waived(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["waived"])


def merchant() -> Any:
    return make.merchant_member("qinghe")


def line(code: str, note: str = "left corner") -> Found:
    return Found(code, note, picture())


def claimed(order: Order, *codes: str, at: datetime = BACK + HOUR) -> DamageClaim:
    return claims.propose(order.pk, merchant(), FOUND, [line(code) for code in codes or ("scratch", "battery")], at)


def who(order: Order) -> str:
    return f"customer:{order.customer_id}"


def settled(order: Order, at: datetime) -> Order:
    """The provider has spoken of everything that was asked of it."""
    with make.moment(at):
        make.drain(at)
        make.deliver_notices(at)
        make.drain(at)
    return walks.read(order)


def test_a_claim_is_told_at_once_with_its_lines_and_touches_no_deposit(held: Order) -> None:
    before = holding.held(held.lease.deposit)
    claim = claimed(held)
    assert [(row.code, row.amount) for row in claim.lines.order_by("id")] == [
        ("scratch", SCRATCH),
        ("battery", BATTERY),
    ]
    assert (claim.total, claim.amount) == (SCRATCH + BATTERY, SCRATCH + BATTERY)
    assert claim.cap == Decimal(held.lease.terms["signed_value"]) * 33 / 36  # 3 whole months of 36
    assert claim.answer_by == BACK + HOUR + timedelta(hours=72)
    assert holding.held(held.lease.deposit) == before
    assert walks.told(held, "damage_claimed") == 1
    order = walks.read(held)
    assert (order.state, order.inspection.result) == (State.INSPECTING, Inspection.Result.DAMAGED)
    [first, _second] = ClaimPhoto.objects.filter(claim=claim).order_by("id")
    assert picture()[:40] not in bytes(first.sealed)
    assert claim_photos.content(first.pk, "operator:1", BACK + HOUR).startswith(b"\xff\xd8\xff")
    assert walks.broken() == {}


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([], claims.NotListed),
        ([Found("paint", "x", b"x")], claims.NotListed),
        ([Found("scratch", "x", b"x"), Found("scratch", "x", b"x")], claims.NotListed),
        ([Found("scratch", " ", b"x")], claims.PhotoNeeded),
        ([Found("scratch", "x", b"")], claims.PhotoNeeded),
    ],
)
def test_only_listed_lines_each_once_with_note_and_photo(held: Order, lines: list[Found], refusal: Any) -> None:
    with walks.nothing_changes(), pytest.raises(refusal):
        claims.propose(held.pk, merchant(), FOUND, lines, BACK + HOUR)


def test_a_claimed_device_is_neither_claimed_again_nor_passed(held: Order) -> None:
    claimed(held)
    with pytest.raises(inspections.ClaimOpen):
        claimed(held)
    with pytest.raises(inspections.ClaimOpen):
        inspections.pass_device(held.pk, merchant(), serial_matches=True, wiped=True, note="", at=BACK + 2 * HOUR)


def test_what_the_customer_accepts_is_taken_from_the_deposit_and_the_rest_goes_back(held: Order) -> None:
    before = holding.held(held.lease.deposit)
    claimed(held)
    at = BACK + DAY
    claims.accept(held.pk, who(held), at)
    order = settled(held, at)
    assert order.state == State.COMPLETED
    bill = order.lease.bills.get(kind=Bill.Kind.DAMAGE)
    assert (bill.number, bill.state, bill.paid) == (901, Bill.State.PAID, SCRATCH + BATTERY)
    [taken] = DepositDeduction.objects.filter(deposit=order.lease.deposit)
    assert (taken.kind, taken.payment.amount) == (DepositDeduction.Kind.DAMAGE, SCRATCH + BATTERY)
    assert (taken.approval.requested_by, taken.approval.decided_by) == (f"merchant:{merchant().pk}", who(held))
    [freeze] = order.lease.deposit.freezes.filter(frozen__gt=0)
    assert (freeze.captured, freeze.released + freeze.held) == (SCRATCH + BATTERY, before - SCRATCH - BATTERY)
    assert order.lease.deposit.promised_on == workdays.after(calendar.business_date(at), 3)
    assert walks.broken() == {}


def test_silence_counts_as_yes_only_after_72_hours_and_two_notices(held: Order) -> None:
    claim = claimed(held)
    second, end = claim.answer_by - DAY, claim.answer_by
    assert walks.read(held).waits_until == second
    with walks.nothing_changes():
        waits.end(walks.read(held), second - HOUR)
    waits.end(walks.read(held), second)
    assert walks.told(held, "damage_second_notice") == 1
    assert walks.read(held).waits_until == end
    with walks.nothing_changes():
        waits.end(walks.read(held), end - HOUR)
    waits.end(walks.read(held), end)
    claim = DamageClaim.objects.get(pk=claim.pk)
    assert (claim.state, claim.by_clause) == (DamageClaim.State.ACCEPTED, True)
    assert settled(held, end).state == State.COMPLETED
    assert walks.broken() == {}


def test_a_second_notice_that_comes_late_moves_the_end(held: Order) -> None:
    claim = claimed(held)
    late = claim.answer_by + HOUR  # nobody swept for a day
    waits.end(walks.read(held), late)
    claim = DamageClaim.objects.get(pk=claim.pk)
    assert (claim.state, claim.answer_by) == (DamageClaim.State.PROPOSED, late + DAY)
    claims.dispute(held.pk, who(held), "It was so when it came.", [], late + HOUR)


def test_an_answer_after_the_end_is_refused(held: Order) -> None:
    claim = claimed(held)
    with walks.nothing_changes(), pytest.raises(claims.ClaimOver):
        claims.dispute(held.pk, who(held), "late", [], claim.answer_by)


def test_a_dispute_that_nobody_decides_falls_after_five_working_days(held: Order) -> None:
    claimed(held)
    claims.dispute(held.pk, who(held), "Worn, not broken.", [picture(), picture()], BACK + DAY)
    until = walks.read(held).waits_until
    assert until == calendar.instant(workdays.after(calendar.business_date(BACK + DAY), 5), 23, 59)
    with walks.nothing_changes():
        waits.end(walks.read(held), until - HOUR)
    waits.end(walks.read(held), until)
    order = settled(held, until)
    assert (order.state, order.claim.state, order.claim.awarded) == (State.COMPLETED, "FALLEN", Decimal(0))
    assert not order.lease.bills.filter(kind=Bill.Kind.DAMAGE).exists()
    assert order.claim.photos.filter(line=None).count() == 2
    assert walks.broken() == {}


def test_a_reduced_claim_takes_what_is_left_and_keeps_both_grounds(held: Order) -> None:
    claimed(held)
    claims.dispute(held.pk, who(held), "The battery was weak.", [], BACK + DAY)
    at = BACK + 2 * DAY
    with pytest.raises(claims.AwardTooLarge):
        claims.decide(held.pk, {"scratch": SCRATCH, "battery": BATTERY + 1}, "x", "operator:1", at)
    with pytest.raises(claims.GroundsNeeded):
        claims.decide(held.pk, {"scratch": SCRATCH, "battery": Decimal(0)}, " ", "operator:1", at)
    claims.decide(held.pk, {"scratch": SCRATCH, "battery": Decimal(0)}, "Worn by use.", "operator:1", at)
    order = settled(held, at)
    claim = order.claim
    assert (order.state, claim.state, claim.awarded) == (State.COMPLETED, "REDUCED", SCRATCH)
    assert (claim.grounds, claim.decision) == ("The battery was weak.", "Worn by use.")
    assert walks.broken() == {}


def test_above_an_operators_limit_a_second_one_decides_about_the_deposit(held: Order) -> None:
    claim = claimed(held, "screen", "battery")
    assert (claim.total, claim.amount) == (Decimal("4533.12"), claim.cap)  # 3,399.84 + 1,133.28, more than it is worth
    claims.dispute(held.pk, who(held), "no", [], BACK + DAY)
    claims.decide(held.pk, {"screen": Decimal("3399.84"), "battery": BATTERY}, "seen", "operator:1", BACK + DAY)
    assert walks.read(held).state == State.SETTLING
    asked = Approval.objects.get(kind=captures.KIND, state=Approval.State.REQUESTED)
    assert asked.requested_by == "operator:1"
    deposit_deductions.carry_out(asked.pk, "operator:2", BACK + 2 * DAY)
    assert settled(held, BACK + 2 * DAY).state == State.COMPLETED
    assert walks.broken() == {}


def test_without_a_held_deposit_the_whole_is_billed(waived: Order) -> None:
    claimed(waived)
    claims.accept(waived.pk, who(waived), BACK + DAY)
    order = settled(waived, BACK + DAY)
    assert (order.state, order.waits_until) == (State.SETTLING, BACK + DAY + timedelta(days=30))
    bill = order.lease.bills.get(kind=Bill.Kind.DAMAGE)
    assert (bill.state, bill.rent, bill.paid) == (Bill.State.OPEN, SCRATCH + BATTERY, Decimal(0))
    make.pay_bill(order, 901, BACK + 2 * DAY)
    assert walks.read(order).state == State.COMPLETED
    assert walks.broken() == {}


def test_a_locked_device_waits_for_its_customer(held: Order) -> None:
    inspections.report_lock(held.pk, merchant(), BACK + HOUR)
    assert walks.read(held).waits_until == BACK + HOUR + timedelta(days=7)
    assert walks.told(held, "account_lock") == 1
    with pytest.raises(inspections.AlreadyTold):
        inspections.report_lock(held.pk, merchant(), BACK + 2 * HOUR)
    inspections.lift_lock(held.pk, who(held), BACK + DAY)
    assert walks.read(held).waits_until == inspections.clock(BACK + DAY)
    with pytest.raises(inspections.LockOver):
        inspections.lift_lock(held.pk, who(held), BACK + DAY)


def test_a_lock_that_is_not_removed_starts_the_inspection_anew_and_then_it_passes(held: Order) -> None:
    not_wiped = Findings(serial_matches=True, wiped=False, note="", condition="")
    with pytest.raises(inspections.LockFirst):
        claims.propose(held.pk, merchant(), not_wiped, [line("scratch")], BACK + HOUR)
    until = inspections.report_lock(held.pk, merchant(), BACK + HOUR).until
    waits.end(walks.read(held), until)
    assert AccountLock.objects.get(order=held).ended_at == until
    end = inspections.clock(until)
    assert walks.read(held).waits_until == end
    waits.end(walks.read(held), end)
    assert walks.read(held).inspection.result == Inspection.Result.NOT_MADE
    assert walks.read(held).state == State.COMPLETED
