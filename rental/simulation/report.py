"""What a simulation came to, as lines to print."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import Count

from arrears.models import CollectionCase
from billing.models import Bill, Chargeback, Deposit, Payment, ReconciliationException, Refund
from contracts.models import Agreement
from core.models import Mishap, OutboxMessage
from notices.models import Message
from orders.models import DamageClaim, Ending, Order
from rental.simulation.stage import DONE, Stage

COUNTED = (Order, Ending, Agreement, Bill, Payment, Refund, Deposit, Chargeback, DamageClaim, CollectionCase, Message)


def lines(stage: Stage, seconds: float) -> Iterator[str]:
    """Acts with their outcomes, then rows by state, then what is still open."""
    acts: dict[str, Counter[str]] = defaultdict(Counter)
    for (name, outcome), times in stage.tally.items():
        acts[name][outcome] += times
    width = max(map(len, acts))
    for name, outcomes in sorted(acts.items()):
        refused = ", ".join(f"{code} {times}" for code, times in outcomes.most_common() if code != DONE)
        yield f"  {name:<{width}} {outcomes[DONE]:7}  {refused}".rstrip()
    for model in COUNTED:
        states = model.objects.values_list("state").annotate(rows=Count("pk")).order_by("-rows")
        counted = ", ".join(f"{state} {rows}" for state, rows in states)
        yield f"  {model._meta.label:<{width}} {sum(rows for _state, rows in states):7}  {counted}".rstrip()
    for model, told in ((Order, "reason"), (Ending, "kind")):
        ways = model.objects.values_list("state", told).annotate(rows=Count("pk")).order_by("state", "-rows")
        counted = ", ".join(f"{state} {way or '-'} {rows}" for state, way, rows in ways)
        yield f"  {model._meta.label} by {told}: {counted}"
    still = Mishap.objects.filter(cleared_at=None).count()
    yield f"  mishaps of business days {Mishap.objects.count()}, of which not mended {still}"
    dead = OutboxMessage.objects.exclude(dead_at=None).count()
    yield f"  work given up {dead}, exceptions of reconciliation open {_open_exceptions()}"
    yield f"  {sum(stage.tally.values())} acts in {seconds:.0f} s"


def _open_exceptions() -> int:
    return ReconciliationException.objects.filter(state="OPEN").count()
