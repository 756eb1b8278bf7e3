"""The revolving waiver quota 免押额度: held ≤ granted always (domain.md §4, reliability.md 1, 2, 3, 5).

Guarded by one conditional UPDATE and a CHECK, never by reading first: in a trial check-then-insert let 20 of 20
threads over the limit. The account's row is locked last before commit (docs/architecture.md, lock order).
"""

from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer
from core import money
from core.errors import DomainError
from core.models import Event
from core.services import events
from credit.models import Hold, QuotaAccount

LIMIT_SET = "quota_limit_set"


class QuotaExhausted(DomainError):
    code = "quota_exhausted"
    message = _("Your waiver quota no longer covers this. Please look at the deposit again.")


class DevicesExhausted(DomainError):
    code = "devices_exhausted"
    message = _("You already hold %(devices)s devices with a waiver. Please look at the deposit again.")


def available(customer: Customer) -> Decimal:
    """max(0, limit − held), 0.00 without an account."""
    account = QuotaAccount.objects.filter(customer=customer).first()
    return free(account) if account else money.ZERO


def free(account: QuotaAccount) -> Decimal:
    left: Decimal = max(money.ZERO, account.limit - account.held)
    return left


def standing(customer: Customer, replaced: str = "") -> tuple[Decimal, int]:
    """What is available, and how many devices are held with a waiver, in one query.

    `replaced`: the order whose device is to be swapped; its hold counts as free, and so does its device.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT greatest("limit" - held + coalesce(old.amount, 0), 0.00),
                (SELECT count(*) FROM credit_hold hold LEFT JOIN credit_hold former
                    ON former.id = hold.former_id AND former.state = 'HELD'
                WHERE hold.account_id = account.id AND hold.state = 'HELD' AND former.id IS NULL) - count(old.id)
            FROM credit_quotaaccount account LEFT JOIN credit_hold old
                ON old.account_id = account.id AND old.order_number = %s AND old.state = 'HELD'
            WHERE customer_id = %s GROUP BY account.id, old.amount
            """,
            [replaced, customer.pk],
        )
        return cursor.fetchone() or (money.ZERO, 0)


def hold(
    customer: Customer,
    order_number: str,
    amount: Decimal,
    at: datetime,
    *,
    most_devices: int | None = None,
    replaces: str = "",
) -> Hold:
    """Take `amount` for an order, in the transaction that places it. QuotaExhausted when it does not fit.

    DevicesExhausted when more than `most_devices` would be held; the UPDATE holds the account's row, so the count is
    safe. Either undoes the transaction. One hold per order (UNIQUE); the same asked for again is given back.
    `replaces`: the order whose device it replaces. What that one's hold carries is counted back, so that the quota
    moves by the difference (domain.md §8). Locks that hold, then the account.
    """
    assert transaction.get_connection().in_atomic_block, "a hold commits with the order that takes it"
    if amount <= 0:
        raise ValueError("a hold is positive")
    former = _to_count_back(customer, replaces)
    made = _new(customer, order_number, amount, at, former)
    if made is None:
        return _same(order_number, customer, amount)
    more = amount - made.counted_back
    fitting = QuotaAccount.objects.filter(pk=made.account_id)
    if more:
        fitting = fitting.filter(limit__gte=F("held") + more)
    if not fitting.update(held=F("held") + more):
        raise QuotaExhausted
    if most_devices is not None and _held(made.account_id) > most_devices:
        raise DevicesExhausted(devices=most_devices)
    return made


def release(order_number: str, reason: str, at: datetime) -> bool:
    """Give an order's hold back, once; False when it has none or it was released before.

    What it carries of the order that replaces it stays taken. Locks the hold that it counts back, then its own, then
    the account.
    """
    with transaction.atomic():
        found = Hold.objects.filter(order_number=order_number).values_list("pk", "former_id").first()
        if found is None:
            return False
        rows = Hold.objects.select_for_update().filter(pk__in=[pk for pk in found if pk]).order_by("pk")
        locked = {row.pk: row for row in rows}
        held = locked[found[0]]
        if not can_proceed(held.release):
            return False
        held.former = locked.get(found[1]) if found[1] else None
        held.release(reason, at)
        held.save(update_fields=["state", "reason", "released_at"])
        less = held.takes - money.total(row.counted_back for row in held.followers.filter(state=Hold.State.HELD))
        left = F("held") - less
        QuotaAccount.objects.filter(pk=held.account_id).update(held=left, granted=Greatest(F("limit"), left))
    return True


def is_carried(order_number: str) -> bool:
    """Whether the hold of the device before it still carries a part of this order's."""
    return Hold.objects.filter(order_number=order_number, former__state=Hold.State.HELD).exists()


def set_limit(customer: Customer, limit: Decimal, at: datetime, *, reason: str, actor: str = events.PLATFORM) -> None:
    """granted = max(limit, held): what is held stays held when the limit falls below it.

    `reason` is one of quota_book.REASONS. The UPDATE holds the row until the event is written, so the events stand in
    the order of the changes.
    """
    with transaction.atomic():
        account, _new = QuotaAccount.objects.get_or_create(customer=customer)
        QuotaAccount.objects.filter(pk=account.pk).update(limit=limit, granted=Greatest(money.exact(limit), F("held")))
        facts = {"limit": str(money.exact(limit)), "reason": reason}
        events.record(LIMIT_SET, account, at=at, actor=actor, facts=facts)


def limit_of(change: Event) -> Decimal:
    """The limit that an event LIMIT_SET set."""
    return money.exact(str(change.facts["limit"]))


def devices_held(customer: Customer) -> int:
    """How many devices the customer holds with a waiver now; one that is being swapped counts once."""
    held = Hold.objects.filter(account__customer=customer, state=Hold.State.HELD)
    return held.exclude(former__state=Hold.State.HELD).count()


def holds(customer: Customer) -> list[Hold]:
    """What the quota is used for now, newest first."""
    held = Hold.objects.filter(account__customer=customer, state=Hold.State.HELD)
    return list(held.select_related("account", "former").order_by("-id"))


def history(customer: Customer, count: int) -> list[Hold]:
    """The newest holds, also those that were released."""
    return list(Hold.objects.filter(account__customer=customer).order_by("-id")[:count])


def _to_count_back(customer: Customer, replaces: str) -> Hold | None:
    """The held hold of the order that is replaced, locked; None where it has none."""
    if not replaces:
        return None
    rows = Hold.objects.select_for_update(of=("self",)).select_related("former")
    found = rows.filter(order_number=replaces, account__customer=customer, state=Hold.State.HELD).first()
    if found is not None and found.carried:
        raise ValueError(f"what order {replaces} replaces is held still")
    return found


def _new(customer: Customer, order_number: str, amount: Decimal, at: datetime, former: Hold | None) -> Hold | None:
    """The order's hold on the customer's account; None when it has one already, or the customer no account."""
    made = Hold(order_number=order_number, amount=money.exact(amount), held_at=at, former=former)
    made.counted_back = min(made.amount, former.amount) if former else money.ZERO
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO credit_hold"
            " (account_id, order_number, amount, state, held_at, reason, former_id, counted_back)"
            " SELECT id, %s, %s, %s, %s, '', %s, %s FROM credit_quotaaccount WHERE customer_id = %s"
            " ON CONFLICT (order_number) DO NOTHING RETURNING id, account_id",
            [order_number, made.amount, made.state, at, made.former_id, made.counted_back, customer.pk],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    made.pk, made.account_id = row
    made._state.adding = False
    return made


def _held(account_id: int) -> int:
    held = Hold.objects.filter(account=account_id, state=Hold.State.HELD)
    return held.exclude(former__state=Hold.State.HELD).count()


def _same(order_number: str, customer: Customer, amount: Decimal) -> Hold:
    before = Hold.objects.select_related("account").filter(order_number=order_number).first()
    if before is None:
        raise QuotaExhausted
    if before.account.customer_id != customer.pk or before.amount != amount or before.state != Hold.State.HELD:
        raise ValueError(f"order {before.order_number} had another hold")
    return before
