"""What customers see of the catalogue (capabilities.md C4, C11, C15)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import CoverChoice, LeaseModel, LeasePlan
from catalog.rules.shorts import Dates, Wrong
from catalog.services import offers, plans, units
from tests import things

pytestmark = pytest.mark.django_db


def published(rent: str = "350", type_code: str = "phone", **fields: object) -> LeasePlan:
    sku = things.priced_sku(type_code=type_code)
    fields = {"lease_model": LeaseModel.RETURN_ONLY, "terms": [(6, rent, None), (12, rent, None)], **fields}
    return plans.publish(things.draft_plan(things.merchant(), sku, **fields).pk, "operator:1", things.AT)


def test_only_published_plans_are_offered_cheapest_first() -> None:
    dear, cheap = published("400"), published("200")
    things.draft_plan(things.merchant(), things.priced_sku())
    plans.withdraw(published("100").pk, "operator:1", things.AT)
    assert list(offers.published()) == [cheap, dear]


def test_an_offer_says_whether_a_unit_is_free() -> None:
    plan = published()
    assert not vars(offers.get(plan.pk))["available"]
    units.add(plan.merchant, plan.sku, "SN-001", "490154203237518", things.AT)
    assert vars(offers.get(plan.pk))["available"]


def test_a_list_takes_two_queries_however_long() -> None:
    for _ in range(3):
        published()
    with CaptureQueriesContext(connection) as seen:
        for plan in offers.published():
            assert plan.merchant.name
            assert plan.sku.device_model.device_type.code == "phone"
            assert len(plan.terms.all()) == 2
    assert len(seen) == 2


def test_a_withdrawn_offer_is_gone() -> None:
    plan = published()
    plans.withdraw(plan.pk, "operator:1", things.AT)
    with pytest.raises(offers.OfferGone):
        offers.get(plan.pk)


def test_a_quote_has_every_figure() -> None:
    """12 × 350 = 4,200; + 2,277.68 = 6,477.68; deposit 70 % of 5,800."""
    plan = offers.get(published(lease_model=LeaseModel.OPTION_TO_BUY, terms=[(12, "350", "6477.68")]).pk)
    quote = offers.quote(plan, 12, cover=False)
    assert (quote.disclosure.total_to_return, quote.disclosure.total_to_own) == (Decimal(4200), Decimal("6477.68"))
    assert (quote.deposit, quote.deposit_full) == (Decimal(4060), Decimal(5800))
    assert (len(quote.curve), quote.curve[-1]) == (12, Decimal("2277.68"))
    assert quote.due_at_checkout == Decimal(350)


def test_a_short_plan_is_quoted_by_its_days_and_never_edited_once_published() -> None:
    """5 days: 3 + 1 + 1 = 270; the card shows the least days, 2 × 60."""
    draft = things.short_plan(things.merchant(), things.priced_sku())
    plan = offers.get(plans.publish(draft.pk, "operator:1", things.AT).pk)
    dates = Dates(date(2026, 3, 6), date(2026, 3, 10))
    quote = offers.quote(plan, 0, cover=False, dates=dates)
    assert (quote.periods, quote.due_at_checkout, quote.disclosure.total_to_return) == (1, Decimal(270), Decimal(270))
    assert (quote.curve, quote.disclosure.cost_simple_yearly) == ((), None)
    assert (plan.lowest_rent, offers.usual_term(plan, 12).monthly_rent) == (Decimal(900), Decimal(120))
    for change in ({"amount": 1}, {"days": 2}):
        with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
            plan.day_prices.filter(days=1).update(**change)
    copy = plans.new_version(plan.pk)
    assert [each.days for each in copy.day_prices.all()] == [1, 3, 7, 30]
    assert (copy.most_days, copy.least_days) == (30, 2)


def test_days_that_the_plan_does_not_allow_are_refused() -> None:
    plan = things.short_plan(things.merchant(), things.priced_sku())
    for first, last, why in ((3, 5, "too_soon"), (4, 4, "too_short"), (4, 59, "too_long")):
        dates = Dates(date(2026, 3, 1) + timedelta(first - 1), date(2026, 3, 1) + timedelta(last - 1))
        with pytest.raises(offers.DaysNotOffered) as refused:
            offers.require_days(plan, dates, things.ON)
        assert refused.value.params["why"] is offers.WRONG_DAYS[Wrong(why)]


def test_a_plan_that_ends_with_the_return_has_no_buyout_prices() -> None:
    quote = offers.quote(offers.get(published().pk), 12, cover=False)
    assert (quote.curve, quote.disclosure.cost_simple_yearly) == ((), None)


def test_the_usual_term_is_the_one_asked_for_or_twelve_months_or_the_longest() -> None:
    rents = {3: "900", 6: "420", 12: "360"}
    long = offers.get(published(terms=[(n, rents[n], None) for n in (6, 12)]).pk)
    short = offers.get(published(terms=[(n, rents[n], None) for n in (3, 6)]).pk)
    assert [offers.usual_term(long, months).months for months in (6, None, 9)] == [6, 12, 12]
    assert offers.usual_term(short).months == 6


def test_the_other_specifications_of_a_model_come_from_the_same_merchant_by_value() -> None:
    plan = published()
    twin = things.priced_sku("7000")
    twin.device_model = plan.sku.device_model
    twin.specification = "512 GB"
    twin.save()
    terms = {"lease_model": LeaseModel.RETURN_ONLY, "terms": [(12, "350", None)]}
    mine = plans.publish(things.draft_plan(plan.merchant, twin, **terms).pk, "operator:1", things.AT)
    plans.publish(things.draft_plan(things.merchant(), twin, **terms).pk, "operator:1", things.AT)
    assert [each.pk for each in offers.of_model(plan)] == [plan.pk, mine.pk]


def test_a_term_that_is_not_offered_is_unknown() -> None:
    with pytest.raises(offers.TermUnknown):
        offers.quote(offers.get(published().pk), 9, cover=False)


@pytest.mark.parametrize(
    ("choice", "cover", "refusal"),
    [("NONE", True, offers.CoverNotOffered), ("MANDATORY", False, offers.CoverCompulsory)],
)
def test_cover_is_as_the_plan_has_it(choice: str, cover: bool, refusal: type[Exception]) -> None:
    plan = offers.get(published(cover_choice=choice, cover_monthly=Decimal(10)).pk)
    with pytest.raises(refusal):
        offers.quote(plan, 12, cover=cover)


def test_optional_cover_adds_to_what_is_due() -> None:
    plan = offers.get(published(cover_choice=CoverChoice.OPTIONAL, cover_monthly=Decimal(10)).pk)
    assert offers.quote(plan, 12, cover=True).due_at_checkout == Decimal(360)
    assert offers.quote(plan, 12, cover=False).due_at_checkout == Decimal(350)
