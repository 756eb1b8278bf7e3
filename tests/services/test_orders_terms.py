"""The agreement's terms as orders fills them: every name in the languages of the paper."""

from decimal import Decimal

import pytest

from catalog.models import CoverChoice
from catalog.services import plans
from contracts.services import agreements
from core import calendar
from orders.models import State
from orders.services import checkout, terms
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "model", "condition"),
    [("zh-hans", "飞屿 Mini 4", "全新"), ("en", "飞屿 Mini 4 / Feiyu Mini 4", "全新 / New")],
)
def test_an_english_paper_names_the_device_in_both_languages(language: str, model: str, condition: str) -> None:
    customer = make.customer()
    customer.user.language = language
    customer.user.save(update_fields=["language"])
    order = make.order(State.APPROVED, of=customer, slug="mini-4", months=3)
    assert order.agreement is not None
    device = agreements.terms_of(order.agreement, "test", "test", make.AT).device
    assert (device.model, device.condition) == (model, condition)


def test_compulsory_cover_stands_once_in_table_and_paper() -> None:
    """The plan's total to own is without cover; table and paper add it once, so their yearly cost is the same."""
    draft = plans.new_version(make.plan("w3").pk)
    draft.cover_choice, draft.cover_monthly = CoverChoice.MANDATORY, Decimal("1.00")
    draft.save()
    draft.terms.exclude(months=12).delete()
    plan = plans.publish(draft.pk, "operator:1", make.AT)
    customer = make.customer()
    cost = checkout.quote(customer, plan, 12, calendar.business_date(make.AT))
    order = make.order(State.APPROVED, of=customer, slug="w3", months=12)
    assert order.agreement is not None
    terms = agreements.terms_of(order.agreement, "test", "test", make.AT)
    stated = plan.terms.get(months=12).total_to_own
    assert stated is not None
    assert order.lease.terms["total_to_own"] == str(stated)
    assert cost.total_to_own == terms.total_to_own == stated + 12
    assert cost.cost_simple_yearly == terms.annual_cost_simple


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_chosen_cover_stands_in_the_paper_as_in_the_table(language: str) -> None:
    of, plan = make.customer(), make.plan()
    of.user.language = language
    of.user.save(update_fields=["language"])
    shown = checkout.quote(of, plan, 12, calendar.business_date(make.AT), cover=True)
    order = checkout.place(of, plan.pk, 12, make.address(of), shown.digest, "k1", make.AT, cover=True).orders.get()
    paper = terms.of(order, make.AT)
    assert {bill.cover for bill in paper.bills} == {shown.cover_monthly} == {Decimal("9.00")}
    assert (paper.total_to_return, paper.total_to_own) == (shown.total_to_return, shown.total_to_own)
    assert paper.annual_cost_simple == shown.cost_simple_yearly  # domain.md §3: compulsory cover only
    names = {"zh-hans": "意外保障（自选）", "en": "意外保障（自选） / accident cover (your choice)"}
    assert paper.cover_name == names[language]


def test_a_paid_deposit_gives_table_and_paper_the_same_second_yearly_cost() -> None:
    of, plan = make.customer(), make.plan()
    shown = checkout.quote(of, plan, 24, calendar.business_date(make.AT))
    paper = terms.of(make.order(of=of, months=24), make.AT)
    assert paper.deposit.kind == "PAID"
    assert shown.cost_paid_simple is not None
    assert shown.cost_simple_yearly is not None
    assert shown.cost_paid_simple > shown.cost_simple_yearly
    assert paper.annual_cost_deposit_simple == shown.cost_paid_simple
    assert paper.annual_cost_deposit_effective == shown.cost_paid_effective


def test_a_frozen_deposit_gives_none() -> None:
    paper = terms.of(make.order(), make.AT)
    assert paper.deposit.kind == "FREEZE"
    assert paper.annual_cost_deposit_simple is None
