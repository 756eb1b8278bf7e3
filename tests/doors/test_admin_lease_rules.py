"""Lease rules in the admin: drafted from those in force, refused with words in both languages, approved by another."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import LendingRate
from orders.models import LeaseRuleSet
from tests import make

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "late_fee_mode": "RETROACTIVE", "grace_days": 5, "fee_rate_daily": "0.0002", "fee_cap_rate": "0.15",
    "return_window_days": 7,
}  # fmt: skip
BAD = [
    ("grace_days", "0", "宽限期为 1 至 15 天", "from 1 to 15"),
    ("grace_days", "16", "宽限期为 1 至 15 天", "from 1 to 15"),
    ("grace_days", "-1", "大于或等于0", "greater than or equal to 0"),
    ("fee_rate_daily", "-0.0001", "大于或等于0", "greater than or equal to 0"),
    ("fee_rate_daily", "NaN", "输入一个数字", "Enter a number"),
    ("fee_rate_daily", "0.00032877", "法定上限", "legal cap"),
    ("fee_rate_daily", "0.03", "0.032876", "0.032876"),
    ("fee_cap_rate", "0.21", "五分之一", "a fifth of its rent"),
    ("fee_cap_rate", "NaN", "输入一个数字", "Enter a number"),
    ("return_window_days", "32", "0 至 31 天", "from 0 to 31"),
    ("late_fee_mode", "SOMETIMES", "SOMETIMES", "SOMETIMES"),
]


@pytest.fixture
def operator() -> Client:
    make.plan()  # with it the lending rate: 12 % a year, 0.00032876 a day
    return make.signed_in(make.operator())


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:orders_leaseruleset_{name}", args=args)


@pytest.mark.parametrize(("field", "value", "chinese", "english"), BAD)
def test_bad_input_is_refused_in_clear_words(
    operator: Client, field: str, value: str, chinese: str, english: str
) -> None:
    for language, words in (("zh-hans", chinese), ("en", english)):
        answer = operator.post(address("add"), GOOD | {field: value}, headers={"accept-language": language})
        assert answer.status_code == 200
        assert words in str(answer.context["errors"]), answer.context["errors"]
    assert LeaseRuleSet.objects.count() == 1


def test_without_a_lending_rate_no_draft_is_taken_and_the_front_page_says_so(operator: Client) -> None:
    LendingRate.objects.all().delete()
    answer = operator.post(address("add"), GOOD, headers={"accept-language": "en"})
    assert "No lending rate (LPR) is on file" in str(answer.context["errors"])
    for page, words in (("admin:index", "Lending rate (LPR)"), ("desk:overview", "No lending rate (LPR) is on file")):
        assert words in operator.get(reverse(page), headers={"accept-language": "en"}).content.decode(), page


def test_rules_are_drafted_from_those_in_force_handed_on_and_approved_by_another(operator: Client) -> None:
    first = LeaseRuleSet.objects.get()
    page = operator.get(address("change", first.pk)).content.decode()
    assert address("draft", first.pk) in page
    assert operator.post(address("change", first.pk), GOOD).status_code == 403
    assert operator.post(address("delete", first.pk), {"post": "yes"}).status_code == 403
    operator.post(address("draft", first.pk))
    made = LeaseRuleSet.objects.get(version=2)
    assert operator.post(address("change", made.pk), GOOD).status_code == 302
    decide = operator.post(address("hand_on", made.pk), {"reason": "agreed"})["Location"]
    assert operator.post(address("change", made.pk), GOOD).status_code == 403  # somebody looks at it
    operator.post(decide)
    assert LeaseRuleSet.objects.get(version=2).state == "DRAFT"  # not by whoever asked
    other = make.signed_in(make.operator("other"))
    told = other.get(decide, headers={"accept-language": "en"}).content.decode()
    for line in ("late fee a day: 0.03\u2009% → 0.02\u2009%", "days of grace: 3 → 5", "days to send it back: 3 → 7"):
        assert line in told, line
    assert "→ Once grace has passed, charged from the due day" in told
    other.post(decide)
    assert dict(LeaseRuleSet.objects.values_list("version", "state")) == {1: "SUPERSEDED", 2: "PUBLISHED"}
    assert operator.get(address("changelist")).status_code == 200


def test_who_may_not_change_rules_is_refused(operator: Client) -> None:
    first = LeaseRuleSet.objects.get()
    stranger = make.signed_in(make.merchant_member())
    for name in ("hand_on", "draft"):
        answer = stranger.post(address(name, first.pk), {"reason": "agreed"})
        assert answer.status_code in {302, 403}
    assert LeaseRuleSet.objects.count() == 1
