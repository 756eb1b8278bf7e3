"""The people of docs/domain/credit.md, worked out there by hand, walked here through the real services."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from unittest import mock

import pytest
from django.db import transaction

from accounts.models import Customer
from accounts.services import identity
from credit.models import CreditReport, Decision, DemandRule, TierSet, WaiverTier
from credit.rules.facts import Record
from credit.services import decisions, incomes, lifts, quota, reports, stops, tiers
from integrations import registry
from integrations.credit import AdmissionAnswer, ScoreAnswer
from integrations.errors import ProviderUnavailable
from orders.services import checkout, steps, trust
from tests import cards, make, worked
from tests.tiers import documented
from tests.trust import AT, ON, asked, id_number, proven, published, signed_up

pytestmark = pytest.mark.django_db
D = Decimal
RULES = [("CONTACT", "ALWAYS", 620, 649), ("DOCUMENTS", "UNDOCUMENTED_INCOME", 550, 619)]
RULES += [("VISIT", "FIRST_LEASE", 550, 619), ("GUARANTOR", "SHARED", 350, 950)]
PEOPLE = worked.table("credit", "Twenty-eight people")
Facts = dict[str, str]


def facts_of(row: dict[str, str]) -> Facts:
    pairs = (each.strip().partition(" ") for each in row["facts"].split(",") if each.strip())
    return {name: value for name, _space, value in pairs}


def table(source: str) -> TierSet:
    """The documented bands with the documented rules beside them."""
    made = TierSet.objects.create(
        version=tiers.next_version(),
        source={"own": "own", "bar": "zhima_admission"}.get(source.split(maxsplit=1)[0], "zhima"),
        falls_back=True,
        admission_bar=650,
        fast_track_from=750,
        lift_after=2,
        rent_share_percent=33,
    )
    names = ("from_score", "grade", "outcome", "waives", "amount", "percent", "quota_limit", "checkout_cap", "devices")
    for band in documented():
        WaiverTier.objects.create(tier_set=made, **{name: getattr(band, name) for name in names})
    for kind, when, first, last in RULES:
        DemandRule.objects.create(tier_set=made, kind=kind, when=when, from_score=first, to_score=last)
    return published(made)


class Source:
    """Says what the row says."""

    def __init__(self, says: str) -> None:
        self.says = says

    def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
        if self.says == "down":
            raise ProviderUnavailable("down")
        return ScoreAnswer(None if self.says == "N/A" else int(self.says), "2088", "biz")

    def fetch_admission(self, auth_code: str, bar: int, request_no: str) -> AdmissionAnswer:
        assert bar == 650
        return AdmissionAnswer(self.says == "bar yes", "2088", "biz")


def decided(customer: Customer, says: str, record: Record) -> None:
    asked_for = reports.ask_own(customer, AT) if says == "own" else reports.authorised(customer, "code", AT)
    at = AT + reports.GIVE_UP_AFTER if says == "down" else AT
    with mock.patch.object(registry, "credit", return_value=Source(says)):
        reports.fetch(asked_for.pk, at, record)
    assert CreditReport.objects.get(pk=asked_for.pk).state != "REQUESTED"


def before(customer: Customer, facts: Facts) -> Record:
    """What stands before the question."""
    if "income" in facts:
        declared = incomes.declare(customer, D(facts["income"]), AT)
        if "documented" in facts:
            incomes.document(customer, declared.pk, "operator:1", AT)
    for kind in ("blacklist", "fraud"):
        if kind in facts:
            stops.add(customer, kind.upper(), "a court's record", "operator:1", AT)
    if "revoked" in facts:
        lifts.revoke(customer, "paid by somebody else", "operator:1", AT)
    counts = {name: int(facts.get(name, 0)) for name in ("completed", "kept", "paid", "shared")}
    return Record(
        completed_leases=counts["completed"],
        kept_leases=counts["kept"],
        bills_paid=counts["paid"],
        phones_shared=counts["shared"],
    )


def after(customer: Customer, facts: Facts) -> None:
    """What came between the decision and the order."""
    with transaction.atomic():
        if "held" in facts:
            quota.hold(customer, "XO-1", D(facts["held"]), AT)
        for n in range(int(facts.get("devices", 0))):
            quota.hold(customer, f"XO-{n}", D(100), AT)
    if "lapsed" in facts:
        decisions.end(customer, "overdue", AT)


@contextmanager
def renting(facts: Facts) -> Iterator[None]:
    """With leases that take so much a month; walking to them would take a year."""
    known = D(facts.get("rents", 0))
    with mock.patch.object(trust, "rents_monthly", return_value=known):
        yield


def at_the_door(row: dict[str, str], facts: Facts) -> None:
    customer = signed_up()
    if "born" in facts:
        with pytest.raises(identity.UnderAge):
            asked(customer, id_number(born=date.fromisoformat(facts["born"])))
    else:
        verification = asked(customer, id_number("991"))
        identity.check(verification.pk, AT)
        found = identity.latest(customer)
        assert found is not None
        assert found.reason == row["reasons"]
    with pytest.raises(reports.IdentityFirst):
        reports.authorised(customer, "code", AT)


@pytest.mark.parametrize("row", PEOPLE, ids=lambda row: f"{row['source says']} {row['facts']}".strip())
def test_a_documented_person(row: dict[str, str]) -> None:
    facts, says = facts_of(row), row["source says"]
    if row["outcome"] == "DOOR":
        at_the_door(row, facts)
        return
    cards.in_force()
    table(says)
    customer = proven()
    decided(customer, says, before(customer, facts))
    after(customer, facts)
    found = decisions.current(customer, ON)
    if row["outcome"] == "LAPSED":
        assert found is None
    else:
        assert found is not None
        _check_decision(found, row)
    with renting(facts):
        cost = checkout.quote(customer, make.plan("q7-pro", AT), 12, ON)
    assert " ".join(map(str, cost.allowed)) == row["schedules"]
    if row["W"] == "none":
        with pytest.raises(steps.CustomerBlocked):
            steps.require_trusted(customer)
    else:
        assert (str(cost.waived), str(cost.to_freeze)) == (row["W"], row["P"])
        assert cost.deposit == cost.waived + cost.to_freeze


def _check_decision(found: Decision, row: dict[str, str]) -> None:
    assert (found.outcome, found.tier.grade if found.tier else "") == (row["outcome"], row["grade"])
    assert " ".join(reason["code"] for reason in found.reasons) == row["reasons"]
    assert " ".join(found.demands) == row["asks for"]
    assert decisions.replay(found) == found.tier
    assert len(decisions.explain(found)) == len(found.reasons)
