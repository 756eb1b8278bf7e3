"""Finding an offer: narrowing, sorting, and which offers come first (capabilities.md C11, C12)."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import DeviceType, LeaseModel, LeasePlan
from catalog.services import offers, plans, search, units
from catalog.services.search import Ends, Filter, Sort
from tests import things

pytestmark = pytest.mark.django_db
YEAR = {"lease_model": LeaseModel.RETURN_ONLY}


def published(rent: str = "350", type_code: str = "phone", **fields: object) -> LeasePlan:
    sku = things.priced_sku(type_code=type_code)
    fields = {**YEAR, "terms": [(6, "400", None), (12, rent, None)], **fields}
    return plans.publish(things.draft_plan(things.merchant(), sku, **fields).pk, "operator:1", things.AT)


def found(sort: str = Sort.RENT, **wanted: object) -> list[LeasePlan]:
    return list(search.ordered(search.find(Filter(**wanted)), sort))  # type: ignore[arg-type]


def on_shelf(plan: LeasePlan) -> LeasePlan:
    units.add(plan.merchant, plan.sku, f"SN-{plan.pk}", "490154203237518", things.AT)
    return plan


def to_own(rent: str, type_code: str = "phone") -> LeasePlan:
    terms = [(12, rent, "6300")]
    return published(type_code=type_code, lease_model=LeaseModel.OPTION_TO_BUY, terms=terms)


def test_offers_are_narrowed_by_type_brand_condition_and_ending() -> None:
    phone, tablet = published(), published(type_code="tablet")
    mine = to_own("350")
    assert found(kind="tablet") == [tablet]
    assert {*found(brand="Aurora")} == {phone, tablet, mine}
    assert found(brand="Nova") == []
    assert found(condition="GOOD") == []
    assert found(ends=Ends.OWN) == [mine]
    assert {*found(ends=Ends.RETURN)} == {phone, tablet}


def test_the_highest_rent_means_the_rent_of_the_term_that_is_shown() -> None:
    """12 months for 200 or 6 for 400: within 300 as a year, not as half of one."""
    plan = published("200")
    assert found(max_rent=Decimal(300)) == [plan]
    assert found(max_rent=Decimal("199.99")) == []
    assert found(max_rent=Decimal(300), months=6) == []
    assert found(max_rent=Decimal(400), months=6) == [plan]
    assert found(months=24) == []


@pytest.mark.parametrize(
    ("text", "count"), [("aurora 256", 1), ("极光", 1), ("黑", 1), ("%", 0), ("_", 0), ("nova", 0)]
)
def test_every_word_is_searched_as_it_stands(text: str, count: int) -> None:
    published()
    assert len(found(text=text)) == count


def test_offers_are_sorted_by_the_rent_or_the_total_of_the_shown_term() -> None:
    """A year at 250 is 3,000 in all; half a year at 400, the only term of the other, 2,400."""
    year, half = published("250"), published(terms=[(6, "400", None)])
    assert found(Sort.RENT) == [year, half]
    assert found(Sort.TOTAL) == [half, year]
    assert found(Sort.RENT, months=6) == [year, half]


def test_the_newest_comes_first() -> None:
    old, new = published(), published()
    assert found(Sort.NEWEST) == [new, old]


def test_types_take_turns_and_owning_comes_before_returning() -> None:
    returned, owned, tablet = published("250"), to_own("400"), published("450", "tablet")
    DeviceType.objects.filter(code="tablet").update(order=9)
    assert found(Sort.RECOMMENDED) == [owned, tablet, returned]


def test_a_model_comes_back_only_after_every_other_had_its_turn() -> None:
    first, other = to_own("300"), to_own("420")
    twin = things.priced_sku()
    twin.device_model = first.sku.device_model
    twin.specification = "512 GB"
    twin.save()
    terms = {"lease_model": LeaseModel.OPTION_TO_BUY, "terms": [(12, "310", "6300")]}
    second = plans.publish(things.draft_plan(first.merchant, twin, **terms).pk, "operator:1", things.AT)
    assert found(Sort.RECOMMENDED) == [first, other, second]


def test_the_home_page_features_only_what_can_be_had_now() -> None:
    published()
    shelved = on_shelf(published())
    assert search.featured(5) == [shelved]


def test_kinds_say_how_many_offers_there_are_and_from_what_rent() -> None:
    published("350")
    published("200")
    DeviceType.objects.create(code="drone", name="无人机", name_en="Drones")
    assert [(kind.code, kind.offered, kind.lowest) for kind in search.kinds()] == [("phone", 2, Decimal(200))]  # type: ignore[attr-defined]


def test_the_list_knows_brands_and_terms() -> None:
    published()
    assert search.brands("") == search.brands("phone") == ["Aurora"]
    assert search.brands("tablet") == []
    assert search.months_offered() == [6, 12]


@pytest.mark.parametrize("sort", list(Sort))
def test_a_list_takes_two_queries_however_long(sort: str) -> None:
    for _ in range(3):
        published()
    with CaptureQueriesContext(connection) as seen:
        assert all(offers.usual_term(plan).months == 12 for plan in found(sort, max_rent=Decimal(500)))
    assert len(seen) == 2
