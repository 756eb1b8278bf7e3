"""Extension plans of leases: begun by a signed addendum, kept or broken by the money that comes (domain.md §9).

Orders calls `begin`, for only it knows that the device is with the customer and that the paper is signed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Bill, ExtensionItem, ExtensionLimit, ExtensionPlan, Lease
from billing.rules import extension as rules
from billing.rules.allocation import Owed
from billing.rules.extension import Limits, Proposal, Terms
from billing.services import books, payments, statements
from billing.services.leases import LeaseNotLive
from core import money
from core.errors import DomainError
from core.running import apart
from core.services import events
from core.templatetags.xinzu import yuan
from notices.services import messages

State = ExtensionPlan.State
_PAST_GRACE = """
    SELECT DISTINCT b.plan_id FROM billing_bill b JOIN billing_extensionplan x ON x.id = b.plan_id
    JOIN billing_lease l ON l.id = b.lease_id
    WHERE x.state = 'RUNNING' AND b.state = 'OPEN' AND b.due_date + (l.terms ->> 'grace_days')::int < %s
"""


class PlanRuns(DomainError):
    code = "plan_runs"
    message = _("An extension plan of this lease is being kept already.")


class NoSuchBills(DomainError):
    code = "no_such_bills"
    message = _("Only rents that are due and still open go into a plan. Please look at the bills again.")


class PlansUsedUp(DomainError):
    code = "plans_used_up"
    message = _("A lease may have %(most)s extension plans, and this one has had them.")


class PlanTooLong(DomainError):
    code = "plan_too_long"
    message = _("A plan has two to %(most)s parts.")


class PlanStartsTooLate(DomainError):
    code = "plan_starts_too_late"
    message = _("The first part is due today or within %(most)s days.")


class FeeTooHigh(DomainError):
    code = "extension_fee_too_high"
    message = _("The fee for a plan is at most %(most)s of what is owed.")


class FiguresChanged(DomainError):
    code = "extension_figures_changed"
    message = _("Something was paid since. This plan no longer fits; please have a new one made.")


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan as it would be on a day: the bills as they stand, and the parts that would take their place."""

    bills: list[Bill]
    owed: list[Owed]
    proposal: Proposal


def limits() -> Limits:
    """What counts now: the last row that was set, else the platform's first ones."""
    row = ExtensionLimit.objects.order_by("-id").first()
    return Limits(row.plans, row.parts, row.first_within_days, row.fee_rate) if row else rules.AT_FIRST


def set_limits(new: Limits, by: User, at: datetime) -> ExtensionLimit:
    """From now on; plans that were agreed stay as they are."""
    row = ExtensionLimit.objects.create(
        plans=new.plans, parts=new.parts, first_within_days=new.first_within_days, fee_rate=new.fee_rate, set_by=by,
        set_at=at,
    )  # fmt: skip
    told = {"plans": new.plans, "parts": new.parts, "days": new.first_within_days, "fee_rate": str(new.fee_rate)}
    events.record("extension_limits_set", row, at=at, actor=f"operator:{by.pk}", facts=told)
    return row


def choosable(lease_id: int, on: date) -> "QuerySet[Bill]":
    """Rents, and parts of a broken plan, that are due by day `on`, open, and not being paid at this moment."""
    rows = Bill.objects.filter(
        lease=lease_id, kind__in=[Bill.Kind.RENT, Bill.Kind.PART], state=Bill.State.OPEN, due_date__lte=on
    )
    return rows.exclude(payment_items__open=True).order_by("number")


def preview(lease_id: int, terms: Terms, on: date) -> Preview:
    """What `begin` would do on day `on`, within the limits of now. Reads only.

    LeaseNotLive, PlanRuns, NoSuchBills, PlansUsedUp, PlanTooLong, PlanStartsTooLate, FeeTooHigh.
    """
    lease = Lease.objects.get(pk=lease_id)
    if lease.state != Lease.State.LIVE:
        raise LeaseNotLive
    if running(lease_id) is not None:
        raise PlanRuns
    bills = list(choosable(lease_id, on).filter(number__in=terms.bills).select_related("lease"))
    owed = [account.owed(on) for account in statements.accounts(bills)]
    if not bills or len(bills) != len(set(terms.bills)) or not any(each.rent + each.cover for each in owed):
        raise NoSuchBills
    _require_within(terms, money.total(each.total for each in owed), lease, on)
    return Preview(bills, owed, rules.proposal(owed, terms, _next_number(lease)))


def begin(lease_id: int, terms: Terms, agreed: Decimal, on: date, at: datetime) -> ExtensionPlan:
    """The plan that was signed starts: late fees are posted, its parts take the bills' place, once.

    `agreed`: what the parts of the paper come to. `on`: the day of its figures, from which on late fees stand still.
    The errors of `preview`; AttemptOpen; FiguresChanged when something was paid since. Locks lease, bills, ledger.
    """
    with transaction.atomic():
        lease = Lease.objects.select_for_update().get(pk=lease_id)
        named = Bill.objects.filter(lease=lease, number__in=terms.bills).values_list("pk", flat=True)
        payments.require_no_attempt(payments.locked_bills(set(named)))
        shown = preview(lease_id, terms, on)
        if shown.proposal.total != agreed:
            raise FiguresChanged
        return _begin(lease, terms, shown, on, at)


def running(lease_id: int) -> ExtensionPlan | None:
    """The plan that is being kept."""
    return ExtensionPlan.objects.filter(lease=lease_id, state=State.RUNNING).first()


def running_of(leases: Collection[int]) -> set[int]:
    """Which of these leases keep a plan."""
    rows = ExtensionPlan.objects.filter(lease__in=leases, state=State.RUNNING)
    return set(rows.values_list("lease", flat=True))


def of_lease(lease_id: int) -> list[ExtensionPlan]:
    """The newest first."""
    return list(ExtensionPlan.objects.filter(lease=lease_id))


def look(on: date, at: datetime) -> dict[str, int]:
    """Day-end: plans whose last part is paid are kept, those with a part past its grace are broken. Repeatable.

    A part that is being paid at this moment is waited for.
    """
    counts = {"plans kept": 0, "plans broken": 0}
    with connection.cursor() as cursor:
        cursor.execute(_PAST_GRACE, [on])
        late = {row[0] for row in cursor.fetchall()}
    rows = ExtensionPlan.objects.filter(state=State.RUNNING)
    paid = set(rows.exclude(parts__state=Bill.State.OPEN).values_list("pk", flat=True))
    ended = set(rows.exclude(lease__state=Lease.State.LIVE).values_list("pk", flat=True))
    for plan_id in sorted(late | paid | ended):
        with apart(ExtensionPlan, plan_id):
            state = _judge(plan_id, on, at)
            if state != State.RUNNING:
                counts["plans kept" if state == State.KEPT else "plans broken"] += 1
    return counts


def _require_within(terms: Terms, owed: Decimal, lease: Lease, on: date) -> None:
    now = limits()
    match rules.refused(terms, owed, lease.extensions.count(), now, on):
        case "plans":
            raise PlansUsedUp(most=now.plans)
        case "parts":
            raise PlanTooLong(most=now.parts)
        case "first_day":
            raise PlanStartsTooLate(most=now.first_within_days)
        case "fee":
            raise FeeTooHigh(most=yuan(money.floor_fen(now.fee_rate * owed)))


def _next_number(lease: Lease) -> int:
    last = lease.bills.filter(kind=Bill.Kind.PART).aggregate(number=Max("number"))["number"]
    return last + 1 if last else rules.PART_FROM


def _begin(lease: Lease, terms: Terms, shown: Preview, on: date, at: datetime) -> ExtensionPlan:
    oldest = min(_due(bill) for bill in shown.bills)
    plan = ExtensionPlan.objects.create(
        lease=lease, number=lease.extensions.count() + 1, owed=shown.proposal.owed, fee=terms.fee,
        days_frozen=_days_before(lease, oldest, on), started_on=on,
    )  # fmt: skip
    fees = {bill.pk: _take_over(plan, bill, owed) for bill, owed in zip(shown.bills, shown.owed, strict=True)}
    parts = Bill.objects.bulk_create(
        Bill(
            lease=lease, number=part.number, kind=Bill.Kind.PART, plan=plan, due_date=part.due_date,
            period_start=part.due_date, period_end=part.due_date, rent=part.rent, cover=part.cover, fee=part.fee,
            fee_carried=part.fee,
        )
        for part in shown.proposal.parts
    )  # fmt: skip
    told = {"bills": [bill.number for bill in shown.bills], "owed": str(plan.owed), "fee": str(plan.fee)}
    events.record("extension_begun", plan, at=at, facts={**told, "parts": len(parts)})
    books.replanned(plan, shown.bills, parts, fees, at)
    return plan


def _take_over(plan: ExtensionPlan, bill: Bill, owed: Owed) -> Decimal:
    """The bill steps aside with its late fee posted; by how much that grew."""
    [account] = statements.accounts([bill])
    posted = bill.fee
    bill.fee = account.fee_if_paid(plan.started_on)
    bill.replan(bill.replanned + owed.total)
    bill.save(update_fields=["state", "fee", "replanned"])
    ExtensionItem.objects.create(plan=plan, bill=bill, rent=owed.rent, cover=owed.cover, fee=owed.fee)
    grown: Decimal = bill.fee - posted
    return grown


def _days_before(lease: Lease, oldest: date, on: date) -> int:
    """A broken plan's days go on where they had stopped."""
    before = lease.extensions.filter(state=State.BROKEN, parts__state=Bill.State.OPEN).first()
    if before is None or before.ended_on is None:
        return (on - oldest).days
    return max((on - oldest).days, before.days_frozen + (on - before.ended_on).days)


def _judge(plan_id: int, on: date, at: datetime) -> str:
    """Locks lease, bills, plan."""
    lease_id = ExtensionPlan.objects.values_list("lease_id", flat=True).get(pk=plan_id)
    with transaction.atomic():
        lease = Lease.objects.select_for_update().get(pk=lease_id)
        parts = list(Bill.objects.select_for_update().filter(plan=plan_id).order_by("pk"))
        plan = ExtensionPlan.objects.select_for_update().get(pk=plan_id)
        left = [part for part in parts if part.state in (Bill.State.OPEN, Bill.State.WRITTEN_OFF)]
        if not plan.is_running:
            return str(State.RUNNING)
        if not left:
            plan.keep(on)
        elif _is_broken(lease, left, on):
            plan.break_(on)
            _fall_due(left, on)
        else:
            return str(State.RUNNING)
        plan.save()
        events.record("extension_kept" if plan.state == State.KEPT else "extension_broken", plan, at=at)
        if lease.state == Lease.State.LIVE:
            _tell(plan, money.total(part.amount - part.paid for part in left), at)
    return str(plan.state)


def _is_broken(lease: Lease, left: list[Bill], on: date) -> bool:
    if lease.state != Lease.State.LIVE:
        return True
    grace = statements.grace_days(lease)
    late = [part for part in left if rules.is_broken(_due(part), grace, on)]
    return bool(late) and not Bill.objects.filter(plan=late[0].plan_id, payment_items__open=True).exists()


def _fall_due(left: list[Bill], on: date) -> None:
    """What was to come later is due on the day the plan broke."""
    later = [part for part in left if part.state == Bill.State.OPEN and _due(part) > on]
    for part in later:
        part.due_date = part.period_start = part.period_end = on
    Bill.objects.bulk_update(later, ["due_date", "period_start", "period_end"])


def _due(bill: Bill) -> date:
    assert bill.due_date is not None  # only bills that are due are in a plan
    return bill.due_date


def _tell(plan: ExtensionPlan, left: Decimal, at: datetime) -> None:
    lease = plan.lease
    messages.inform(
        lease.customer.user,
        "extension_kept" if plan.state == State.KEPT else "extension_broken",
        {"lease": lease.number, "amount": str(left)},
        step=f"extension:{plan.pk}:{plan.state.lower()}",
        at=at,
        link=f"/leases/{lease.number}/",
    )
