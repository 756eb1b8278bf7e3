"""The agreement's terms as orders fills them: every name in the languages of the paper."""

from decimal import Decimal

import pytest

from catalog.models import CoverChoice
from catalog.services import plans
from contracts.services import agreements
from core import calendar
from orders.models import State
from orders.services import checkout
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
