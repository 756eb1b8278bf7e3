"""What an agreement must state, and that what it states adds up (domain.md §3, §5–§8)."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules import evidence
from contracts.rules import terms as t
from core import canonical
from tests import agreements

names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Z")), min_size=1, max_size=40)
cents = st.integers(1, 10_000_000).map(lambda n: Decimal(n) / 100).map(lambda d: d.quantize(Decimal("0.01")))


@st.composite
def any_terms(draw: st.DrawFn) -> t.AgreementTerms:
    months = draw(st.integers(1, 36))
    rent, value = draw(cents), draw(cents)
    held = min(draw(cents), value)
    last = draw(cents)
    return agreements.terms(
        number=draw(names),
        lessee=agreements.lessee(draw(names)),
        device=t.Device(draw(names), draw(names), draw(names), value, value, draw(st.none() | names)),
        months=months,
        monthly_rent=rent,
        bills=tuple(t.BillTerm(k, t.Due.MONTHLY, rent) for k in range(1, months + 1)),
        deposit=t.Deposit(value, value - held, held, draw(st.sampled_from(t.DepositKind)), 3),
        total_to_return=rent * months,
        total_to_own=rent * months + last,
        buyout_prices=tuple(last + rent * (months - k) for k in range(1, months + 1)),
    )


@given(any_terms())
def test_terms_survive_the_way_through_json_unchanged(terms: t.AgreementTerms) -> None:
    again = t.AgreementTerms.from_json(terms.to_json())
    assert again == terms
    assert again.canonical_bytes() == terms.canonical_bytes()
    assert again.sha256() == terms.sha256()


def test_the_worked_example_adds_up() -> None:
    # 12 × 541.83 = 6,501.96; 12,798.06 − 6,501.96 = 6,296.10, the last price of domain.md §3
    terms = agreements.terms()
    assert terms.total_rent == Decimal("6501.96")
    assert (terms.buyout_prices[0], terms.buyout_prices[-1]) == (Decimal("9690.42"), Decimal("6296.10"))


def test_other_terms_have_another_hash() -> None:
    assert agreements.terms().sha256() != agreements.terms(number="XZ-20261122-0418").sha256()


BLANK: list[tuple[str, dict[str, Any]]] = [
    ("number", {"number": ""}),
    ("number", {"number": None}),
    ("lessee.name", {"lessee": agreements.lessee("  ")}),
    ("bills", {"bills": ()}),
    ("total_to_own", {"total_to_own": None}),
    ("buyout_prices", {"buyout_prices": ()}),
    ("annual_cost_simple", {"annual_cost_simple": None}),
    ("annual_cost_effective", {"annual_cost_effective": None}),
    ("damage.lines", {"damage": replace(agreements.terms().damage, lines=())}),
    ("late_fee", {"late_fee": None}),
    ("text_version", {"text_version": ""}),
    ("cover_name", {"bills": tuple(replace(b, cover=Decimal("5.00")) for b in agreements.terms().bills)}),
]


@pytest.mark.parametrize(("term", "change"), BLANK)
def test_a_missing_term_is_refused_by_its_name(term: str, change: dict[str, Any]) -> None:
    with pytest.raises(t.MissingTerm) as refused:
        agreements.terms(**change)
    assert refused.value.term == term


@pytest.mark.parametrize("field", sorted(json.loads(agreements.terms().to_json())))
def test_a_field_absent_from_the_stored_json_is_refused_by_its_name(field: str) -> None:
    raw = json.loads(agreements.terms().to_json())
    del raw[field]
    with pytest.raises(t.MissingTerm) as refused:
        t.AgreementTerms.from_json(json.dumps(raw))
    assert refused.value.term == field


def test_unknown_and_ill_typed_fields_are_refused() -> None:
    raw = json.loads(agreements.terms().to_json())
    changes: list[dict[str, Any]] = [{"surprise": 1}, {"months": "12"}, {"months": True}, {"monthly_rent": 541.83}]
    for change in (*changes, {"bills": {}}):
        with pytest.raises(ValueError, match=next(iter(change))):
            t.AgreementTerms.from_json(json.dumps({**raw, **change}))


DEPOSIT = agreements.terms().deposit
PAID = replace(DEPOSIT, kind=t.DepositKind.PAID)
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("languages", {"languages": ("en",)}),
    ("monthly_rent", {"monthly_rent": Decimal("541.8")}),
    ("monthly_rent", {"monthly_rent": Decimal("-1.00")}),
    ("monthly_rent", {"monthly_rent": Decimal("NaN")}),
    ("bills", {"bills": agreements.terms().bills[:-1]}),
    ("bills", {"monthly_rent": Decimal("541.84")}),
    ("total_to_return", {"total_to_return": Decimal("6501.97")}),
    ("total_to_own", {"total_to_own": Decimal("12798.05")}),
    ("buyout_prices", {"buyout_prices": tuple(reversed(agreements.prices()[:-1])) + agreements.prices()[-1:]}),
    ("buyout_prices", {"lease_model": t.LeaseModel.RENT_TO_OWN}),
    ("total_to_own", {"lease_model": t.LeaseModel.RETURN_ONLY}),
    ("deposit", {"deposit": replace(agreements.terms().deposit, held=Decimal("800.01"))}),
    ("deposit.amount", {"deposit": replace(DEPOSIT, amount=Decimal("9000.00"), held=Decimal("5800.00"))}),
    ("late_fee", {"late_fee": replace(agreements.terms().late_fee, cap_share=Decimal(20))}),
    ("early_return_months", {"early_return_months": 3}),
    ("cooling_off_days", {"cooling_off_days": 6}),
    ("damage.answer_hours", {"damage": replace(agreements.terms().damage, answer_hours=24)}),
    ("lessee.name", {"lessee": agreements.lessee("林\x00知夏")}),
    ("lessee.name", {"lessee": agreements.lessee("林" * 501)}),
    ("first_day", {"first_day": date(2026, 12, 1)}),
    ("device.signed_value", {"device": replace(agreements.terms().device, signed_value=Decimal("9999.01"))}),
    ("annual_cost_deposit_simple", {"annual_cost_deposit_simple": Decimal("0.40")}),
    ("annual_cost_deposit_simple", {"deposit": PAID, "annual_cost_deposit_simple": Decimal("0.355")}),
    ("annual_cost_deposit_effective", {"deposit": PAID, "annual_cost_deposit_effective": Decimal("0.41")}),
]  # fmt: skip


@pytest.mark.parametrize(("term", "change"), WRONG)
def test_terms_that_contradict_each_other_are_refused(term: str, change: dict[str, Any]) -> None:
    with pytest.raises(t.InconsistentTerms) as refused:
        agreements.terms(**change)
    assert refused.value.term == term


def test_a_coupon_lowers_the_bills_and_both_totals_but_not_the_buyout_price() -> None:
    bills = agreements.terms().bills
    cut = (replace(bills[0], reduction=Decimal("100.00")), *bills[1:])
    terms = agreements.terms(
        bills=cut, total_to_return=Decimal("6401.96"), total_to_own=Decimal("12698.06")
    )  # 6,501.96 − 100; 6,401.96 + 6,296.10
    assert terms.total_rent == Decimal("6501.96")


def test_each_kind_of_lease_has_its_own_confirmations() -> None:
    all_but_managed = [c for c in t.Confirmation if c is not t.Confirmation.MANAGED_DEVICE]
    assert list(t.confirmations(agreements.terms())) == all_but_managed
    assert t.Confirmation.BUYOUT_AND_COST not in t.confirmations(agreements.return_only())
    assert t.Confirmation.EARLY_RETURN not in t.confirmations(agreements.short())
    managed = agreements.terms(device=replace(agreements.terms().device, managed="装有监管描述文件"))
    assert t.Confirmation.MANAGED_DEVICE in t.confirmations(managed)


def test_signing_waits_until_every_key_term_is_ticked() -> None:
    terms = agreements.terms()
    ticked = [code.value for code in t.confirmations(terms)]
    assert t.unconfirmed(terms, ticked) == ()
    assert t.unconfirmed(terms, ticked[1:]) == (t.Confirmation.DEVICE_AND_TERM,)
    assert t.unconfirmed(terms, []) == t.confirmations(terms)


events = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=3), min_size=1)


def _chain(items: list[dict[str, Any]]) -> list[evidence.Link]:
    links: list[evidence.Link] = []
    for item in items:
        links.append(evidence.append(links[-1].hash if links else evidence.GENESIS, item))
    return links


@given(events)
def test_an_untouched_chain_holds(items: list[dict[str, Any]]) -> None:
    assert evidence.verify(_chain(items)) is None


@given(events, st.data())
def test_a_changed_event_breaks_the_chain_at_its_place(items: list[dict[str, Any]], data: st.DataObject) -> None:
    links = _chain(items)
    place = data.draw(st.integers(0, len(links) - 1))
    links[place] = replace(links[place], body=links[place].body + " ")
    broken = evidence.verify(links)
    assert broken is not None
    assert broken.index == place


def test_a_dropped_or_moved_event_breaks_the_chain() -> None:
    links = _chain([{"n": 1}, {"n": 2}, {"n": 3}])
    assert evidence.verify([links[0], links[2]]) is not None
    assert evidence.verify([links[1], links[0], links[2]]) is not None


def test_the_first_hash_is_the_published_formula() -> None:
    expected = hashlib.sha256(bytes(32) + b'{"kind":"OPENED"}').hexdigest()
    assert evidence.append(evidence.GENESIS, {"kind": "OPENED"}).hash == expected


def test_canonical_json_has_one_spelling() -> None:
    when = datetime(2026, 11, 22, 13, tzinfo=UTC)
    value = {"b": Decimal("1.50"), "a": "合同", "at": when, "on": date(2026, 1, 2), "list": [True, None]}
    assert canonical.encode(value).decode() == (
        '{"a":"合同","at":"2026-11-22T13:00:00+00:00","b":"1.50","list":[true,null],"on":"2026-01-02"}'
    )


@pytest.mark.parametrize("value", [1.5, datetime(2026, 1, 1), Decimal("NaN"), {1: "a"}, {"a": object()}])
def test_what_has_no_canonical_spelling_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical.encode(value)
