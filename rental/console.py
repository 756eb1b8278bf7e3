"""The admin's frame: its navigation, grouped by noun in the operator's order, and its front page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import CashPrice, LeasePlan, LendingRate, Sku
from catalog.rules.publishing import PRICE_HOLDS
from catalog.services import plans
from core import clock
from core.models import Event, Holiday
from credit.models import TierSet
from credit.services import tiers
from orders import words

GROUPS: list[tuple[str | Promise, list[tuple[str, str]]]] = [
    (
        _("Things"),
        [
            ("category", "catalog.devicetype"),
            ("devices", "catalog.devicemodel"),
            ("style", "catalog.sku"),
            ("sell", "catalog.cashprice"),
            ("request_quote", "catalog.leaseplan"),
            ("inventory_2", "catalog.stocklevel"),
            ("qr_code_2", "catalog.deviceunit"),
        ],
    ),
    (
        _("Trust"),
        [
            ("stairs", "credit.tierset"),
            ("balance", "credit.scorecard"),
            ("block", "credit.hardstop"),
            ("policy", "orders.riskrule"),
            ("contact_support", "orders.reviewrequest"),
            ("science", "orders.backtest"),
            ("trending_down", "credit.liftrevocation"),
            ("account_balance_wallet", "credit.incomedeclaration"),
            ("gavel", "credit.decision"),
            ("speed", "credit.creditreport"),
            ("donut_large", "credit.quotaaccount"),
            ("assignment", "credit.demand"),
        ],
    ),
    (_("Orders"), [("receipt_long", "orders.order"), ("shopping_cart", "orders.checkout")]),
    (
        _("Money"),
        [
            ("percent", "catalog.lendingrate"),
            ("rule", "orders.leaseruleset"),
            ("credit_card", "billing.paymentchannel"),
            ("calendar_month", "billing.lease"),
            ("payments", "billing.payment"),
            ("undo", "billing.refund"),
            ("lock", "billing.deposit"),
            ("ac_unit", "billing.depositfreeze"),
            ("autorenew", "billing.autopayagreement"),
            ("percent", "billing.commissionterm"),
            ("supervisor_account", "billing.alonelimit"),
            ("event", "billing.extensionplan"),
            ("event_repeat", "billing.extensionlimit"),
            ("how_to_reg", "core.approval"),
            ("request_quote", "billing.merchantstatement"),
            ("phone_in_talk", "arrears.collectioncase"),
            ("volunteer_activism", "arrears.hardshiprequest"),
        ],
    ),
    (_("Paper"), [("draw", "contracts.agreement")]),
    (
        _("People"),
        [
            ("storefront", "accounts.merchant"),
            ("person", "accounts.customer"),
            ("badge", "accounts.identityverification"),
            ("task_alt", "accounts.consent"),
            ("home_pin", "accounts.address"),
            ("contacts", "accounts.contact"),
            ("description", "accounts.document"),
            ("pause_circle", "accounts.standstill"),
            ("tour", "visits.visit"),
            ("hail", "visits.fieldagent"),
            ("feedback", "visits.visitcomplaint"),
            ("key", "accounts.user"),
            ("groups", "auth.group"),
        ],
    ),
    (
        _("Messages"),
        [
            ("mail", "notices.message"),
            ("call", "notices.phonecall"),
            ("event_repeat", "notices.reminderstep"),
            ("edit_note", "notices.wording"),
        ],
    ),
    (
        _("System"),
        [
            ("event", "core.holiday"),
            ("history", "core.event"),
            ("task", "core.jobrun"),
            ("report", "core.mishap"),
            ("outbox", "core.outboxmessage"),
            ("move_to_inbox", "core.inboxnotice"),
        ],
    ),
]
PLAN = "catalog.leaseplan"
TOLD = {
    "cash_price_set": _("Cash price set"),
    "tier_set_drafted": _("Tier table drafted"),
    "tier_set_published": _("Tier table published"),
    "scorecard_drafted": _("Scorecard drafted"),
    "scorecard_published": _("Scorecard published"),
    "risk_rule_published": _("Risk rule put into force"),
    "risk_rule_superseded": _("Risk rule ended"),
    "lease_rules_drafted": _("Lease rules drafted"),
    "lease_rules_published": _("Lease rules put into force"),
    "PUBLISHED": _("Plan published"),
    "SUPERSEDED": _("Plan withdrawn or superseded"),
    "channel_opened": _("Payment channel opened"),
    "channel_closed": _("Payment channel closed"),
    "customer_blocked": _("Customer blocked"),
    "customer_unblocked": _("Block lifted"),
    "wording_set": _("Wording of a message set"),
}
AGES_SOON = timedelta(days=14)
FIRST, LATEST = 6, 10


@dataclass(frozen=True)
class Row:
    """One line of the front page; `late` is a matter that stands against new offers."""

    title: str
    href: str
    text: str | Promise = ""
    late: bool = False


@dataclass(frozen=True)
class Change:
    """Something that was configured: what, when, by whom."""

    title: str | Promise
    href: str
    at: datetime
    actor: str | Promise


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Only what this person may look at; every name is the model's own."""
    ways = [
        {"title": _("Front page"), "icon": "home", "link": reverse("admin:index")},
        {"title": _("To the desk"), "icon": "desk", "link": reverse("desk:overview")},
    ]
    groups = [{"title": title, "separator": True, "items": _items(request, rows)} for title, rows in GROUPS]
    return [{"items": ways}, *(group for group in groups if group["items"])]


def front(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What is drafted, what stands against new offers, what changed lately."""
    on = clock.today()
    title = _("Configuration")
    return context | {
        "title": title,
        "drafts": _drafts(request, on),
        "gaps": _gaps(request, on),
        "changes": _changes(request),
    }


def _items(request: HttpRequest, rows: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"title": capfirst(str(apps.get_model(name)._meta.verbose_name_plural)), "icon": icon, "link": _list(name)}
        for icon, name in rows
        if _may_view(request, name)
    ]


def _drafts(request: HttpRequest, on: date) -> list[Row]:
    """Drafts with whether anything keeps them from being published."""
    return [*_drafted_plans(request, on), *_drafted_tables(request)]


def _drafted_plans(request: HttpRequest, on: date) -> list[Row]:
    if not _may_view(request, "catalog.leaseplan"):
        return []
    found = LeasePlan.objects.filter(state=LeasePlan.State.DRAFT).select_related("sku__device_model", "merchant")
    rows = found.order_by("-id")[:FIRST]
    return [_draft(str(plan), _change(plan), len(plans.objections(plan, on))) for plan in rows]


def _drafted_tables(request: HttpRequest) -> list[Row]:
    if not _may_view(request, "credit.tierset"):
        return []
    rows = TierSet.objects.filter(state=TierSet.State.DRAFT).prefetch_related("tiers").order_by("-id")[:FIRST]
    return [_draft(f"{row._meta.verbose_name} {row}", _change(row), len(tiers.objections(row))) for row in rows]


def _draft(title: str, href: str, objections: int) -> Row:
    if not objections:
        return Row(title, href, _("may be published"))
    return Row(title, href, _("objections: %(count)s") % {"count": objections}, late=True)


def _gaps(request: HttpRequest, on: date) -> list[Row]:
    """What is missing, or will soon be too old, for new offers."""
    if not _may_view(request, "catalog.leaseplan"):
        return []
    return [*_unpriced(on), *_rates_and_days(on), *_unoffered()]


def _unpriced(on: date) -> list[Row]:
    """Specifications on offer or drafted whose cash price is missing, too old, or will be soon."""
    planned = LeasePlan.objects.filter(sku=OuterRef("pk")).exclude(state=LeasePlan.State.SUPERSEDED)
    fresh = CashPrice.objects.filter(sku=OuterRef("pk"), as_of__gt=on - PRICE_HOLDS + AGES_SOON)
    found = Sku.objects.filter(Exists(planned), ~Exists(fresh)).select_related("device_model").order_by("id")
    said = _("its cash price is missing, or soon older than %(days)s days") % {"days": PRICE_HOLDS.days}
    return [Row(str(sku), _change(sku), said, late=True) for sku in found[:FIRST]]


def _rates_and_days(on: date) -> list[Row]:
    rows = []
    if not LendingRate.objects.filter(day__lte=on).exists():
        rows.append(Row(str(_("Lending rate (LPR)")), _add("catalog.lendingrate"), _("none is known"), late=True))
    if not Holiday.objects.filter(day__gt=on).exists():
        text = _("no coming holiday is entered; promised days may fall on one")
        rows.append(Row(str(_("Holidays")), _add("core.holiday"), text, late=True))
    return rows


def _unoffered() -> list[Row]:
    offered = LeasePlan.objects.filter(sku=OuterRef("pk"), state=LeasePlan.State.PUBLISHED)
    found = Sku.objects.filter(~Exists(offered)).select_related("device_model").order_by("-id")
    return [Row(str(sku), _change(sku), _("no plan is on offer")) for sku in found[:FIRST]]


def _changes(request: HttpRequest) -> list[Change]:
    if not _may_view(request, "core.event"):
        return []
    configured = Q(kind__in=TOLD) | Q(kind="transition", subject_type=PLAN)
    rows = list(Event.objects.filter(configured).order_by("-id")[:LATEST])
    people = User.objects.in_bulk({_operator(row) for row in rows} - {0})
    return [_told(row, people) for row in rows]


def _told(row: Event, people: dict[int, User]) -> Change:
    title = TOLD.get(row.target if row.kind == "transition" else row.kind, row.kind)
    href = reverse(f"admin:{row.subject_type.replace('.', '_')}_change", args=[row.subject_id])
    by = people.get(_operator(row))
    return Change(title, href, row.at, by.login if by else words.ACTORS.get(row.actor.partition(":")[0], row.actor))


def _operator(row: Event) -> int:
    """Whose sign-in it was, or 0: customers and the platform configure nothing."""
    kind, _colon, pk = row.actor.partition(":")
    return int(pk) if kind in {"operator", "merchant"} and pk.isdigit() else 0


def _may_view(request: HttpRequest, name: str) -> bool:
    found = admin.site._registry.get(apps.get_model(name))
    return bool(found and found.has_view_permission(request))


def _list(name: str) -> str:
    return reverse(f"admin:{name.replace('.', '_')}_changelist")


def _add(name: str) -> str:
    return reverse(f"admin:{name.replace('.', '_')}_add")


def _change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
