"""The agreement's terms as orders fills them: every name in the languages of the paper."""

import pytest

from contracts.services import agreements
from orders.models import State
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
