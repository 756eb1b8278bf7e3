"""The pages of operators and field agents."""

from datetime import timedelta
from typing import Any

from django.apps import apps

from arrears.models import CollectionCase, HardshipRequest
from billing.models import Chargeback, Refund
from core import calendar
from tests.pages.page import (
    AGENT,
    CUSTOMER,
    NOBODY,
    OPERATOR,
    Arguments,
    Page,
    customer_of,
    each,
    first,
    given,
    order,
    paid_statement,
    statement,
)
from tests.pages.world import World
from visits.models import Visit


def _failed_refund(world: World) -> list[Any]:
    return [Refund.objects.filter(state="FAILED").latest("pk").number]


def _dispute(world: World) -> list[Any]:
    return [Chargeback.objects.latest("pk").number]


def _disputed_payment(world: World) -> list[Any]:
    return [Chargeback.objects.latest("pk").payment.number]


def _case(world: World) -> list[Any]:
    return [CollectionCase.objects.get(lease=world.orders["LATE"].lease).number]


def _lettered_case(world: World) -> list[Any]:
    return [CollectionCase.objects.get(lease=world.orders["LETTERED"].lease).number]


def _asked_for_relief(world: World) -> list[Any]:
    return [HardshipRequest.objects.get(lease=world.orders["LATE"].lease).number]


def _visit_of(name: str, *more: Any) -> Arguments:
    return lambda world: [Visit.objects.get(order_number=world.number(name)).number, *more]


def _last_day(world: World) -> list[Any]:
    return [calendar.business_date(world.now) - timedelta(days=1)]


def _tier_draft(world: World) -> list[Any]:
    return [apps.get_model("credit.TierSet")._default_manager.get(state="DRAFT").version]


QUEUES = [
    "review", "contacts", "documents", "visits", "complaints", "approvals", "ending", "undelivered", "deposits",
    "payments", "freezes", "refunds", "gaps", "disputes", "hardships", "hardships_late", "cases", "payouts", "messages",
    "unreached", "mishaps", "faults", "estates", "undecided",
]  # fmt: skip
DESK = [
    Page("desk:sign_in", NOBODY, 20),
    Page("desk:overview", OPERATOR, 50),
    *(Page("desk:queue", OPERATOR, 20, given(name), variant=name) for name in QUEUES),
    Page("desk:customers", OPERATOR, 20),
    Page("desk:customers", OPERATOR, 20, query="?q=zzzz", variant="nothing found"),
    Page("desk:customer", OPERATOR, 28, customer_of(CUSTOMER)),
    Page("desk:trust", OPERATOR, 28, customer_of(CUSTOMER)),
    Page("desk:trust", OPERATOR, 28, customer_of("newcomer"), variant="new"),
    Page("desk:customer", OPERATOR, 28, customer_of("newcomer"), variant="new"),
    Page("desk:customer", OPERATOR, 28, customer_of("mourned"), variant="after a death"),
    Page("desk:standstill", OPERATOR, 20, customer_of(CUSTOMER)),
    Page("desk:standstill", OPERATOR, 20, customer_of("mourned"), variant="in force"),
    *order("desk:order", OPERATOR, 33, "MOURNED"),
    *order("desk:act", OPERATOR, 20, "MOURNED", "estate-return"),
    Page("desk:orders", OPERATOR, 20),
    Page("desk:orders", OPERATOR, 20, query="?q=zzzz", variant="nothing found"),
    *order("desk:order", OPERATOR, 29, "REFERRED HELD VISITED LOOKED ASKED"),  # with everything that a review needs
    *order("desk:order", OPERATOR, 33, "SIGNED LATE COMPLETED CANCELLED"),
    *order("desk:order", OPERATOR, 34, "FAULT_AT_DESK FOUND"),
    *order("desk:act", OPERATOR, 20, "FAULT_AT_DESK", "fault-decline"),
    *each("desk:act", OPERATOR, "REFERRED", "approve", "refuse"),
    *each("desk:act", OPERATOR, "SHIPPED", "delivered", "turned-back"),
    *order("desk:act", OPERATOR, 20, "ASKED", "allow"),
    *each("desk:act", OPERATOR, "HELD", "demand", "waive"),
    Page("desk:contact", OPERATOR, 20, first("accounts_contact")),
    *order("desk:documents", OPERATOR, 20, "HELD"),
    Page("desk:visits", OPERATOR, 20),
    Page("desk:visit", OPERATOR, 25, _visit_of("HELD"), variant="agreed"),
    Page("desk:visit", OPERATOR, 25, _visit_of("VISITED"), variant="doubtful"),
    Page("desk:complaint", OPERATOR, 20, first("visits_visitcomplaint")),
    Page("desk:rounds", AGENT, 20),
    Page("desk:round", AGENT, 25, _visit_of("HELD"), is_own=True),
    Page("desk:ledger", OPERATOR, 20),
    Page("desk:ledger", OPERATOR, 20, query="?on=2020-01-01", variant="before everything"),
    Page("desk:ledger_kind", OPERATOR, 20, given("clearing"), query="?channel=alipay", variant="clearing"),
    Page("desk:ledger_kind", OPERATOR, 20, given("receivable"), variant="receivable"),
    Page("desk:ledger_kind", OPERATOR, 20, given("write_off"), variant="none"),
    Page("desk:posting", OPERATOR, 20, first("billing_posting")),
    Page("desk:ledger_customer", OPERATOR, 20, customer_of(CUSTOMER)),
    Page("desk:ledger_customer", OPERATOR, 20, customer_of("newcomer"), variant="none"),
    Page("desk:ledger_merchant", OPERATOR, 20, lambda world: [world.statement.merchant_id]),
    Page("desk:payout", OPERATOR, 20, statement),
    Page("desk:payout", OPERATOR, 20, paid_statement, variant="paid out"),
    *order("desk:act", OPERATOR, 20, "LATE", "received"),
    *order("desk:act", OPERATOR, 20, "LATE", "reduce"),
    *order("desk:act", OPERATOR, 22, "LATE", "lost"),
    Page("desk:approval", OPERATOR, 20, lambda world: [world.asked.pk]),
    Page("desk:refund", OPERATOR, 25, lambda world: [world.asked.payload["payment"]]),
    Page("desk:providers", OPERATOR, 20),
    Page("desk:clock", OPERATOR, 20),
    Page("desk:days", OPERATOR, 20),
    Page("desk:day", OPERATOR, 20, _last_day, variant="with mishaps"),
    Page("desk:day", OPERATOR, 20, lambda world: [calendar.business_date(world.now)], variant="broken off"),
    Page("desk:rule_trials", OPERATOR, 20),
    Page("desk:rule_trial", OPERATOR, 20, first("orders_ruletrial")),
    Page("desk:backtests", OPERATOR, 20),
    Page("desk:backtest", OPERATOR, 20, first("orders_backtest")),
    Page("desk:tiers", OPERATOR, 20),
    Page("desk:tier_set", OPERATOR, 20, _tier_draft, variant="draft"),
    Page("desk:tier_set", OPERATOR, 20, given(1), variant="in force"),
    Page("desk:queue", OPERATOR, 20, given("differences"), variant="differences"),
    Page("desk:reconciliation", OPERATOR, 20),
    Page("desk:reconciled_day", OPERATOR, 25, lambda world: [world.difference.file.channel, world.difference.file.day]),
    Page("desk:dispute", OPERATOR, 20, _dispute),
    *order("desk:claim", OPERATOR, 20, "CLAIMED DISPUTED"),
    Page("desk:dispute_record", OPERATOR, 20, _disputed_payment),
    Page("desk:portfolio", OPERATOR, 20),
    Page("desk:opinions", OPERATOR, 20),
    Page("desk:opinions", OPERATOR, 20, query="?view=END", variant="none of these"),
    Page("desk:cases", OPERATOR, 20),
    Page("desk:cases", OPERATOR, 20, query="?view=all&whose=mine", variant="none of mine"),
    Page("desk:cases", OPERATOR, 20, query="?view=all", variant="all"),
    Page("desk:cases", OPERATOR, 20, query="?view=all&q=zzzz", variant="nothing found"),
    Page("desk:cases", OPERATOR, 20, query="?view=promises", variant="promises"),
    Page("desk:case", OPERATOR, 37, _case),
    Page("desk:case", OPERATOR, 45, _lettered_case, variant="with a letter"),
    Page("desk:hardship", OPERATOR, 20, _asked_for_relief),
    *order("desk:extension", OPERATOR, 20, "LATE PLANNED"),
    Page("desk:gap", OPERATOR, 20, first("billing_statementgap")),
    Page("desk:failed_refund", OPERATOR, 20, _failed_refund),
    Page("desk:difference", OPERATOR, 20, lambda world: [world.difference.pk]),
]
