"""What an extension's addendum says of late fees if a part is not paid; older papers keep their bytes."""

import json
from datetime import date
from decimal import Decimal

import pytest

from contracts.paper import addenda as printed
from contracts.rules.addenda import ExtensionTerms, Instalment, PlanPoint
from tests import agreements

FIRST, SECOND = (Instalment(n, date(2026, n, 1), Decimal(50)) for n in (5, 6))
BILL = Instalment(2, date(2026, 3, 1), Decimal(90))


def terms(*, is_retroactive: bool) -> ExtensionTerms:
    agreed = agreements.terms()
    return ExtensionTerms(
        number="XO1-E1", languages=("zh", "en"), agreed_on=date(2026, 4, 20), platform="信租", lessor=agreed.lessor,
        lessee=agreed.lessee, agreement="XO1", agreement_sha256="0" * 64, device="Q7", serial="S1", bills=(BILL,),
        late_fees=Decimal(10), fee=Decimal("0.00"), parts=(FIRST, SECOND), total=Decimal(100), grace_days=3,
        is_retroactive=is_retroactive,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("is_retroactive", "language", "words"),
    [
        (False, "zh", "计划期间的日子不补算"), (True, "zh", "从各期应付日次日起重新计算，宽限的日子也计"),
        (False, "en", "the days of the plan are never counted"), (True, "en", "its days of grace included"),
    ],
)  # fmt: skip
def test_a_broken_plans_fees_are_told_as_they_count(is_retroactive: bool, language: str, words: str) -> None:
    told = {each.code: each.text for each in printed.plan_terms(terms(is_retroactive=is_retroactive), language)}
    assert words in told[PlanPoint.BROKEN]


@pytest.mark.parametrize("is_retroactive", [False, True])
def test_terms_come_back_and_older_papers_keep_their_bytes(is_retroactive: bool) -> None:
    made = terms(is_retroactive=is_retroactive)
    assert ExtensionTerms.from_json(made.to_json()) == made
    assert ("is_retroactive" in json.loads(made.to_json())) is is_retroactive
