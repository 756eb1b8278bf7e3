"""The demo's statements: the last two weeks taken, some with an error or two for the desk to work off."""

from datetime import datetime, timedelta

from django.db import connection

from billing.models import StatementFile
from billing.services import reconciliation
from core import clock
from orders.services import statements
from rental.demo import walk
from sandbox.services import statements as there

SEED, ERRORS, SPOILT_DAYS = 20260302, 2, (0, 1, 4)  # the latest statement, the one before, and an older one
_LOCK = 7_360_499  # one hand takes them


def take(until: datetime) -> None:
    """Once, when all histories stand: the provider's file of a day does not grow afterwards."""
    with walk.unseen(), clock.standing_at(until):
        wanted = reconciliation.due(until)
        if not wanted or not _taken() or StatementFile.objects.exists():
            return
        channel, latest = wanted[-1]
        for ago in SPOILT_DAYS:
            there.spoil(channel, seed=SEED, errors=ERRORS, day=latest - timedelta(days=ago))
        statements.reconcile_due(until)


def _taken() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
