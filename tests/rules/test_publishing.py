"""The publish guard (domain.md §3, capabilities.md L1): each rule at its edge, with the figures it names."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from catalog.rules import publishing
from catalog.rules.publishing import LeaseModel, Peer, PlanFigures, TermFigures
from core.money import ZERO
from tests import worked

ON = date(2026, 11, 23)
PLAN = PlanFigures(
    lease_model=LeaseModel.OPTION_TO_BUY,
    signed_value=Decimal(5800),
    deposit_rate=Decimal("0.70"),
    cover_monthly=ZERO,
    early_return_months=1,
    terms=(TermFigures(12, Decimal(350), Decimal("6477.68")),),
    cash_price=Decimal(6000),
    cash_price_as_of=ON - timedelta(days=90),
    lpr_yearly=Decimal("0.03"),
)


def codes(plan: PlanFigures) -> list[str]:
    return [objection.code for objection in publishing.objections(plan, ON)]


def with_term(months: int, rent: str, total: str | None, model: LeaseModel = PLAN.lease_model) -> PlanFigures:
    term = TermFigures(months, Decimal(rent), None if total is None else Decimal(total))
    return replace(PLAN, lease_model=model, terms=(term,))


def test_a_plan_within_every_cap_has_no_objection() -> None:
    assert publishing.objections(PLAN, ON) == []


@pytest.mark.parametrize("row", worked.table("prices", "The cap on the yearly cost"))
def test_the_documented_cap_on_the_yearly_cost(row: dict[str, str]) -> None:
    rents = int(row["months"]) * Decimal(row["rent"])
    term = TermFigures(int(row["months"]), Decimal(row["rent"]), rents + Decimal(row["last buyout price"]))
    plan = replace(PLAN, cash_price=Decimal(row["cash price"]), lpr_yearly=Decimal(row["lpr"]), terms=(term,))
    assert codes(plan) == ([] if row["published"] == "yes" else ["cost_high"])


def test_the_refusal_of_a_dear_plan_names_its_figures() -> None:
    (objection,) = publishing.objections(with_term(12, "350", "6477.69"), ON)
    assert objection.params == {
        "months": 12,
        "cap": Decimal("0.12"),
        "worth": Decimal("6000.00"),  # 6,000.0045
        "cash_price": Decimal(6000),
        "last_price": Decimal("2277.69"),
        "most": Decimal("2277.68"),
    }


def test_compulsory_cover_counts_in_the_cost_of_owning() -> None:
    assert codes(replace(PLAN, cover_monthly=Decimal("0.01"))) == ["cost_high"]


def test_rents_to_return_come_to_the_cash_price_at_most() -> None:
    """12 × 500 = 6,000; one fen of cover a month more is 6,000.12."""
    plan = with_term(12, "500", None, LeaseModel.RETURN_ONLY)
    assert codes(plan) == []
    (objection,) = publishing.objections(replace(plan, cover_monthly=Decimal("0.01")), ON)
    assert (objection.code, objection.params["total"], objection.params["most"]) == (
        "return_dear",
        Decimal("6000.12"),
        Decimal("6000.00"),
    )


def test_owning_costs_at_most_a_tenth_more_than_the_cash_price() -> None:
    """6,600 = 1.10 × 6,000; the rate cap is set aside by a high lending rate."""
    dear = replace(with_term(12, "350", "6600.00"), lpr_yearly=Decimal("0.5"))
    assert codes(dear) == []
    assert codes(replace(dear, terms=(TermFigures(12, Decimal(350), Decimal("6600.01")),))) == ["own_dear"]


def test_rent_to_own_is_all_rents_and_nothing_else() -> None:
    assert codes(with_term(12, "520", "6240", LeaseModel.RENT_TO_OWN)) == []
    assert codes(with_term(12, "520", "6240.01", LeaseModel.RENT_TO_OWN)) == ["rents_are_not_the_total"]


def test_a_total_below_the_rents_is_refused() -> None:
    assert codes(with_term(12, "510", "6000")) == ["total_below_rents"]


def test_a_buyout_price_that_would_rise_is_refused() -> None:
    """Premium 590 over rents of 12 × 40 = 480."""
    assert "price_rises" in codes(with_term(12, "40", "6590"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cash_price": None, "cash_price_as_of": None}, "no_cash_price"),
        ({"cash_price_as_of": ON - timedelta(days=91)}, "cash_price_old"),
        ({"cash_price_as_of": ON + timedelta(days=1)}, "cash_price_old"),
        ({"signed_value": Decimal("6000.01")}, "signed_value_high"),
        ({"signed_value": ZERO}, "signed_value_zero"),
        ({"deposit_rate": Decimal("0.2999")}, "deposit_rate"),
        ({"deposit_rate": Decimal("1.0001")}, "deposit_rate"),
        ({"early_return_months": 3}, "early_return"),
        ({"lpr_yearly": None}, "no_lending_rate"),
        ({"terms": ()}, "no_terms"),
    ],
)
def test_each_rule_of_the_plan_has_its_objection(change: dict[str, object], code: str) -> None:
    assert codes(replace(PLAN, **change)) == [code]  # type: ignore[arg-type]


@pytest.mark.parametrize(("rate", "value"), [("0.3", "6000"), ("1", "6000")])
def test_the_edges_of_deposit_and_signed_value_are_allowed(rate: str, value: str) -> None:
    assert codes(replace(PLAN, deposit_rate=Decimal(rate), signed_value=Decimal(value))) == []


def test_a_return_only_plan_states_no_total_and_needs_no_lending_rate() -> None:
    assert codes(with_term(12, "350", "6477.68", LeaseModel.RETURN_ONLY)) == ["total_to_own_stated"]
    assert codes(replace(with_term(12, "350", None, LeaseModel.RETURN_ONLY), lpr_yearly=None)) == []


def test_a_plan_to_own_states_its_total() -> None:
    assert codes(with_term(12, "350", None)) == ["no_total_to_own"]


@pytest.mark.parametrize(
    ("value", "deposit", "fits"),
    [("5000", "4060.00", True), ("5000", "4060.01", False), ("6500", "4060.00", True), ("6500", "4059.99", False)],
)
def test_a_higher_value_never_has_a_lower_deposit(value: str, deposit: str, fits: bool) -> None:
    """Own: 5,800 × 0.70 = 4,060."""
    plan = replace(PLAN, peers=(Peer("another", Decimal(value), Decimal(deposit)),))
    assert codes(plan) == ([] if fits else ["deposit_order"])


def test_every_term_is_judged() -> None:
    plan = replace(PLAN, terms=(*PLAN.terms, TermFigures(6, Decimal(350), Decimal(7000))))
    found = publishing.objections(plan, ON)
    assert {objection.params["months"] for objection in found} == {6}
