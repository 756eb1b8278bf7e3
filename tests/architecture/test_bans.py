"""The product keeps every ban, and every ban sees what it forbids."""

import pytest

from tests.architecture import sources
from tests.architecture.bans import BANS, Ban
from tests.architecture.sources import Source

BY_NAME = {ban.name: ban for ban in BANS}
CLOCK, DOORS, ROUNDING, STATES, ERRORS, PROMISES, EFFECTS, NAMES, PRINTING, RULES = BY_NAME

PLANTED = [
    (CLOCK, "orders/services/x.py", "from django.utils import timezone\nat = timezone.now()"),
    (CLOCK, "orders/services/x.py", "import datetime\nat = datetime.datetime.now(datetime.UTC)"),
    (CLOCK, "orders/services/x.py", "from datetime import date\non = date.today()"),
    (CLOCK, "sandbox/views.py", "import time\nat = time.time()"),
    (CLOCK, "orders/models.py", "at = models.DateTimeField(auto_now_add=True)"),
    (CLOCK, "orders/services/x.py", "rows.update(at=Now())"),
    (DOORS, "orders/services/x.py", "from core import clock"),
    (DOORS, "orders/rules/x.py", "from core.clock import now"),
    (DOORS, "orders/models.py", "import core.clock"),
    (ROUNDING, "billing/rules/x.py", "fee = round(1.005, 2)"),
    (ROUNDING, "billing/services/x.py", "fee = float('1.0')"),
    (ROUNDING, "billing/services/x.py", "fee = amount.quantize(CENT)"),
    (STATES, "orders/services/x.py", "Order.objects.filter(pk=1).update(state='PAID')"),
    (STATES, "orders/services/x.py", "Order.objects.bulk_update(rows, ['state'])"),
    (ERRORS, "orders/services/x.py", "try:\n    go()\nexcept Exception:\n    pass"),
    (ERRORS, "orders/services/x.py", "try:\n    go()\nexcept:\n    x = 1"),
    (ERRORS, "orders/services/x.py", "try:\n    go()\nexcept (ValueError, BaseException) as e:\n    log(e)"),
    (PROMISES, "orders/services/x.py", "x = 1  # TO" + "DO later"),
    (EFFECTS, "orders/models.py", "class Order(models.Model):\n    def save(self): ..."),
    (EFFECTS, "orders/apps.py", "from django.db.models.signals import post_save"),
    (EFFECTS, "orders/apps.py", "from django.dispatch import receiver"),
    (NAMES, "orders/utils.py", "x = 1"),
    (NAMES, "orders/helpers/x.py", "x = 1"),
    (NAMES, "orders/services/x.py", "def process_order(): ..."),
    (NAMES, "orders/services/x.py", "def _handle_notice(): ..."),
    (PRINTING, "orders/services/x.py", "print('here')"),
    (RULES, "orders/rules/x.py", "from django.conf import settings"),
    (RULES, "orders/rules/x.py", "from orders.models import Order"),
    (RULES, "core/money.py", "import django"),
]
INNOCENT = [
    (CLOCK, "core/clock.py", "import time\nat = time.time()"),
    (CLOCK, "orders/services/x.py", "import time\nstarted = time.monotonic()"),
    (CLOCK, "orders/models.py", "recorded_at = models.DateTimeField(db_default=Now())"),
    (DOORS, "orders/tasks.py", "from core import clock"),
    (ROUNDING, "core/money.py", "x = round(1)"),
    (STATES, "orders/services/x.py", "Order.objects.filter(state='PAID').update(paid_at=at)"),
    (ERRORS, "orders/services/x.py", "try:\n    go()\nexcept Exception:\n    tidy()\n    raise"),
    (ERRORS, "orders/services/x.py", "try:\n    go()\nexcept ValueError:\n    pass"),
    (EFFECTS, "orders/services/x.py", "class Basket:\n    def save(self): ..."),
    (NAMES, "core/middleware.py", "def process_view(): ..."),
    (RULES, "orders/services/x.py", "from django.db import transaction"),
    (RULES, "orders/rules/x.py", "from core import money\nfrom decimal import Decimal"),
]


@pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.name)
def test_the_product_keeps_the_ban(ban: Ban) -> None:
    found = [complaint for source in sources.product() for complaint in ban.complaints(source)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("name", "path", "text"), PLANTED)
def test_a_planted_break_is_seen(name: str, path: str, text: str) -> None:
    assert BY_NAME[name].complaints(Source.of(path, text))


@pytest.mark.parametrize(("name", "path", "text"), INNOCENT)
def test_an_innocent_line_is_left_alone(name: str, path: str, text: str) -> None:
    assert BY_NAME[name].complaints(Source.of(path, text)) == []
