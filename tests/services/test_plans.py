"""Publishing plans (domain.md §3): the guard at the service, versions, what the database keeps."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.models import CashPrice, CoverChoice, LeaseModel, LeasePlan, LendingRate, Sku
from catalog.services import plans, prices
from core.services import events
from tests import things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
ACTOR = "operator:1"


@pytest.fixture
def sku() -> Sku:
    return things.priced_sku()


def test_publishing_fixes_cash_price_day_and_lowest_rent(sku: Sku) -> None:
    draft = things.draft_plan(things.merchant(), sku, terms=[(12, "350", "6477.68"), (24, "200", "6500")])
    plan = plans.publish(draft.pk, ACTOR, things.AT)
    assert (plan.state, plan.cash_price, plan.cash_price_as_of) == ("PUBLISHED", Decimal(6000), things.ON)
    assert (plan.lowest_rent, plan.published_at) == (Decimal(200), things.AT)


def test_a_plan_above_the_cap_is_refused_and_stays_a_draft(sku: Sku) -> None:
    draft = things.draft_plan(things.merchant(), sku, terms=[(12, "350", "6477.69")])
    with pytest.raises(plans.PlanRefused) as refusal, translation.override("en"):
        plans.publish(draft.pk, ACTOR, things.AT)
    assert [objection.code for objection in refusal.value.objections] == ["cost_high"]
    with translation.override("en"):
        assert "2277.69" in str(refusal.value)
        assert "2277.68" in str(refusal.value)
    assert things.again(draft).state == "DRAFT"
    assert not events.of(draft).exists()


def test_every_objection_has_its_sentence() -> None:
    """A plan with nothing right: every sentence takes the figures that the rule gives."""
    bare = things.sku()
    draft = things.draft_plan(things.merchant(), bare, signed_value=Decimal(0), terms=[])
    with pytest.raises(plans.PlanRefused) as refusal:
        plans.publish(draft.pk, ACTOR, things.AT)
    assert len(refusal.value.sentences) == len(refusal.value.objections) == 4


def test_the_price_of_the_day_is_the_latest_one_up_to_it(sku: Sku) -> None:
    operator = things.operator()
    for amount, day in (("7000", things.ON + timedelta(days=1)), ("6001", things.ON)):
        CashPrice.objects.create(sku=sku, amount=Decimal(amount), source="test", as_of=day, set_by=operator)
    plan = plans.publish(things.draft_plan(things.merchant(), sku).pk, ACTOR, things.AT)
    assert plan.cash_price == Decimal(6001)


def test_a_price_of_ninety_one_days_ago_is_too_old() -> None:
    old = things.priced_sku(as_of=things.ON - timedelta(days=91))
    with pytest.raises(plans.PlanRefused) as refusal:
        plans.publish(things.draft_plan(things.merchant(), old).pk, ACTOR, things.AT)
    assert [objection.code for objection in refusal.value.objections] == ["cash_price_old"]


def test_the_cap_is_four_times_the_rate_of_the_day(sku: Sku) -> None:
    """From tomorrow 2.9 %: today the plan passes, tomorrow it does not."""
    LendingRate.objects.create(day=things.ON + timedelta(days=1), rate_yearly=Decimal("0.029"))
    merchant = things.merchant()
    plans.publish(things.draft_plan(merchant, sku).pk, ACTOR, things.AT)
    second = things.draft_plan(merchant, sku, version=2)
    with pytest.raises(plans.PlanRefused):
        plans.publish(second.pk, ACTOR, things.AT + timedelta(days=1))
    assert LeasePlan.objects.get(state="PUBLISHED").version == 1  # the refusal superseded nothing


def test_a_new_version_supersedes_the_published_one(sku: Sku) -> None:
    merchant = things.merchant()
    first = plans.publish(things.draft_plan(merchant, sku).pk, ACTOR, things.AT)
    draft = plans.new_version(first.pk)
    assert (draft.version, draft.state, draft.terms.count()) == (2, "DRAFT", 1)
    second = plans.publish(draft.pk, ACTOR, things.AT)
    assert things.again(first).state == "SUPERSEDED"
    assert list(LeasePlan.objects.filter(state="PUBLISHED")) == [second]
    assert [(e.source, e.target) for e in events.of(first)] == [("DRAFT", "PUBLISHED"), ("PUBLISHED", "SUPERSEDED")]


def test_another_merchants_plan_stays(sku: Sku) -> None:
    for _ in range(2):
        plans.publish(things.draft_plan(things.merchant(), sku).pk, ACTOR, things.AT)
    assert LeasePlan.objects.filter(state="PUBLISHED").count() == 2


def test_only_a_draft_is_published_and_only_a_published_plan_withdrawn(sku: Sku) -> None:
    draft = things.draft_plan(things.merchant(), sku)
    with pytest.raises(plans.PlanNotPublished):
        plans.withdraw(draft.pk, ACTOR, things.AT)
    plans.publish(draft.pk, ACTOR, things.AT)
    with pytest.raises(plans.PlanNotDraft):
        plans.publish(draft.pk, ACTOR, things.AT)
    assert plans.withdraw(draft.pk, ACTOR, things.AT).state == "SUPERSEDED"


def test_rent_to_own_may_leave_its_total_to_its_rents(sku: Sku) -> None:
    draft = things.draft_plan(things.merchant(), sku, lease_model=LeaseModel.RENT_TO_OWN, terms=[(12, "520", None)])
    plans.publish(draft.pk, ACTOR, things.AT)
    assert draft.terms.get().total_to_own == Decimal(6240)


def test_only_compulsory_cover_counts_towards_the_caps(sku: Sku) -> None:
    fields = {"lease_model": LeaseModel.RETURN_ONLY, "terms": [(12, "500", None)], "cover_monthly": Decimal(10)}
    optional = things.draft_plan(things.merchant(), sku, cover_choice=CoverChoice.OPTIONAL, **fields)
    plans.publish(optional.pk, ACTOR, things.AT)
    compulsory = things.draft_plan(things.merchant(), sku, cover_choice=CoverChoice.MANDATORY, **fields)
    with pytest.raises(plans.PlanRefused):
        plans.publish(compulsory.pk, ACTOR, things.AT)


def test_a_merchants_dearer_device_never_has_the_lower_deposit() -> None:
    merchant = things.merchant()
    plans.publish(things.draft_plan(merchant, things.priced_sku()).pk, ACTOR, things.AT)  # 4,060 on 5,800
    dearer = things.draft_plan(
        merchant,
        things.priced_sku("9000"),
        signed_value=Decimal(8000),
        deposit_rate=Decimal("0.5"),
        lease_model=LeaseModel.RETURN_ONLY,
        terms=[(12, "400", None)],
    )
    with pytest.raises(plans.PlanRefused) as refusal:
        plans.publish(dearer.pk, ACTOR, things.AT)
    assert [objection.code for objection in refusal.value.objections] == ["deposit_order"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog_leaseplan SET signed_value = 1 WHERE id = %s",
        "UPDATE catalog_leaseplan SET deposit_rate = 0.3 WHERE id = %s",
        "UPDATE catalog_planterm SET monthly_rent = 1 WHERE plan_id = %s",
        "DELETE FROM catalog_planterm WHERE plan_id = %s",
    ],
)
def test_the_database_refuses_to_edit_a_published_plan(sku: Sku, change: str) -> None:
    plan = plans.publish(things.draft_plan(things.merchant(), sku).pk, ACTOR, things.AT)
    with pytest.raises(IntegrityError, match="published"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [plan.pk])


@pytest.mark.parametrize("change", ["UPDATE catalog_cashprice SET amount = 1", "DELETE FROM catalog_cashprice"])
def test_the_database_only_adds_cash_prices(sku: Sku, change: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_publishing_locks_the_specification_before_its_plans(sku: Sku) -> None:
    draft = things.draft_plan(things.merchant(), sku)
    with CaptureQueriesContext(connection) as seen:
        plans.publish(draft.pk, ACTOR, things.AT)
    assert locks(seen) == ["catalog_sku", "catalog_leaseplan", "catalog_leaseplan"]


def test_the_cap_of_a_day_is_four_times_its_lending_rate(sku: Sku) -> None:
    LendingRate.objects.create(day=things.ON + timedelta(days=1), rate_yearly=Decimal("0.029"))
    assert prices.cost_cap(things.ON) == Decimal("0.12")
    assert prices.cost_cap(things.ON + timedelta(days=1)) == Decimal("0.116")
    assert prices.cost_cap(things.ON.replace(year=2020)) is None


def test_only_an_operator_sets_a_cash_price(sku: Sku) -> None:
    person = things.customer().user
    with pytest.raises(ValueError, match="operator"):
        prices.set_cash_price(sku, Decimal(1), "test", things.ON, person, things.AT)
