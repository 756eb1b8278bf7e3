"""Back-tests: gathered from decisions, orders and repayment or from a file, judged by a worker in pieces.

Each piece commits by itself, so that a worker that takes over from a dead one repeats nothing and loses nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.services import repayment
from core import calendar, canonical
from core.errors import DomainError
from core.services import outbox
from credit.models import Decision, Scorecard, TierSet
from credit.rules import backtest as rules
from credit.rules.backtest import Case, Judged, Rules
from credit.rules.grading import Inputs
from credit.services import decisions, scorecards, tiers
from orders.models import BackTest, BackTestCase, Order
from orders.services import runs
from orders.services.runs import Work

LOOKS_BACK = timedelta(days=365)
PIECE = 200
MOST = 50_000


class NothingInForce(DomainError):
    code = "no_tier_set"
    message = _("There is no tier table in force to compare with.")


class TableUnsound(DomainError):
    code = "tier_set_refused"
    message = _("This table cannot stand yet; mend it before it is tested.")


def request(
    tier_set: TierSet, card: Scorecard | None, actor: str, at: datetime, *, cases: Sequence[Case] | None = None
) -> BackTest:
    """Ask for a back-test of past applications, or of the `cases` of a file (topic backtest.requested).

    NothingInForce, TableUnsound. The cases of a file are kept in the same transaction: all of them or none.
    """
    present = tiers.in_force()
    if present is None:
        raise NothingInForce
    if tiers.objections(tier_set):
        raise TableUnsound
    with transaction.atomic():
        source = BackTest.Source.PAST if cases is None else BackTest.Source.FILE
        made = BackTest(source=source, new_tiers=tier_set, old_tiers=present, new_card=card)
        asked = runs.ask(made, actor, at)
        if cases is not None:
            asked.total = _keep(asked, cases)
            asked.save(update_fields=["total"])
        outbox.put("backtest.requested", backtest_id=asked.pk)
    return asked


def run(backtest_id: int, at: datetime) -> None:
    """As `runs.run`. What the rules cannot judge ends it visibly."""
    runs.run(WORK, backtest_id, at)


@transaction.atomic
def again(backtest_id: int, actor: str, at: datetime) -> BackTest:
    """Begin anew with the same rules and cases what failed, or what no worker moved on for long. NotOver."""
    old = runs.require_over(WORK, backtest_id, actor, at)
    cases = [_case(row) for row in old.cases.order_by("place")] if old.source == BackTest.Source.FILE else None
    return request(old.new_tiers, old.new_card, actor, at, cases=cases)


def gather(at: datetime) -> list[Case]:
    """The decisions of the last year, oldest first, each with the deposits of its orders and its label.

    A decision is bad when one of its leases went bad, good when all that say something went well.
    """
    since, on = at - LOOKS_BACK, calendar.business_date(at)
    made = Decision.objects.filter(made_at__gt=since, made_at__lte=at, tier__isnull=False).order_by("id")[:MOST]
    found = list(made.values_list("pk", "made_at", "inputs"))
    orders = Order.objects.filter(decision__in=[pk for pk, _at, _inputs in found])
    rows = orders.order_by("id").values_list("decision_id", "lease_id", "lease__deposit__total")
    deposits: dict[int, list[Decimal]] = defaultdict(list)
    leases: dict[int, list[int]] = defaultdict(list)
    for decision_id, lease_id, deposit in rows:
        deposits[decision_id].append(deposit)
        leases[decision_id].append(lease_id)
    known = repayment.labels([lease_id for of_one in leases.values() for lease_id in of_one], on)
    return [
        Case(
            calendar.business_date(made_at),
            Inputs.from_json(inputs),
            tuple(deposits[pk]),
            _label([known[lease_id] for lease_id in leases[pk] if lease_id in known]),
        )
        for pk, made_at, inputs in found
    ]


def unfaithful(at: datetime) -> int:
    """Of the last 1,000 decisions before `at`, how many do not replay to their own tier (reliability.md 42): none."""
    made = Decision.objects.select_related("tier", "tier_set", "scorecard").prefetch_related(
        "tier_set__tiers", "tier_set__demand_rules", "scorecard__bins"
    )
    rows = made.filter(made_at__lte=at).order_by("-id")[:1000]
    return sum(decisions.replay(decision) != decision.tier for decision in rows)


def _gather(asked: BackTest) -> int:
    """The cases of a file are there already."""
    return asked.total if asked.source == BackTest.Source.FILE else _keep(asked, gather(asked.asked_at))


def _keep(asked: BackTest, cases: Sequence[Case]) -> int:
    """How many they are."""
    BackTestCase.objects.bulk_create(
        [
            BackTestCase(
                backtest=asked,
                place=place,
                on=case.on,
                inputs=case.inputs.to_json(),
                deposits=[str(amount) for amount in case.deposits],
                bad=case.bad,
            )
            for place, case in enumerate(cases, start=1)
        ],
        batch_size=1000,
    )
    return len(cases)


def _piece(asked: BackTest) -> int:
    """The next PIECE cases."""
    old, new = _rules(asked.old_tiers, None), _rules(asked.new_tiers, asked.new_card)
    rows = list(asked.cases.filter(judged__isnull=True).order_by("place")[:PIECE])
    for row in rows:
        row.judged = canonical.plain(rules.judge(_case(row), old, new))
    BackTestCase.objects.bulk_update(rows, ["judged"])
    return len(rows)


def _result(asked: BackTest) -> dict[str, Any]:
    rows = asked.cases.order_by("place").values_list("judged", flat=True)
    found = rules.report([canonical.decode(Judged, row) for row in rows])
    matrix = [[old, new, count] for (old, new), count in found.matrix.items()]
    plain: dict[str, Any] = _plain({**asdict(found), "matrix": matrix})
    return plain


def _plain(value: Any) -> Any:
    """As JSON keeps it; a share with six places is enough for people."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return f"{value:.6f}" if -(value.as_tuple().exponent) > 2 else str(value)  # type: ignore[operator]
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else value


def _case(row: BackTestCase) -> Case:
    return Case(row.on, Inputs.from_json(row.inputs), tuple(Decimal(amount) for amount in row.deposits), row.bad)


def _rules(tier_set: TierSet, card: Scorecard | None) -> Rules:
    return Rules(
        bands=tuple(tiers.bands(tier_set)),
        policy=tiers.policy(tier_set),
        floor=tier_set.deposit_floor,
        card=scorecards.card(card) if card else None,
    )


def _label(known: list[bool]) -> bool | None:
    return any(known) if known else None


WORK = Work(BackTest, "backtest.piece", _gather, _piece, _result)
