"""The page of rule trials: asked for from the rule, read by operators only."""

from datetime import timedelta

import pytest
from django.test import Client

from orders.models import RiskRule, RuleTrial
from orders.services import rule_trials
from tests import make

pytestmark = pytest.mark.django_db
AT = make.AT


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(make.operator())
    make.gave_second_factor(client)
    return client


def test_one_is_asked_for_done_and_read(desk: Client) -> None:
    order = make.order(slug="mini-4", months=3)
    again = make.order(of=order.customer, slug="mini-4", months=3, at=AT + timedelta(hours=1))
    rule = RiskRule.objects.create(kind="MANY_LEASES", threshold=2, window_days=7)
    with make.moment(AT + timedelta(hours=2)):
        link = desk.get(f"/admin/orders/riskrule/{rule.pk}/change/").content.decode()
        assert f"/desk/rule-trials/?rule={rule.pk}#ask" in link
        answer = desk.post("/desk/rule-trials/", {"rule": rule.pk})
        made = RuleTrial.objects.get()
        assert answer.headers["Location"] == f"/desk/rule-trials/{made.pk}/"
        assert desk.get(answer.headers["Location"]).status_code == 200
        rule_trials.run(made.pk, AT + timedelta(hours=2))
        page = desk.get(f"/desk/rule-trials/{made.pk}/").content.decode()
        assert desk.post(f"/desk/rule-trials/{made.pk}/again/").status_code == 303
    assert again.number in page
    assert order.number not in page
    assert RuleTrial.objects.count() == 1


def test_nonsense_asks_for_nothing_and_customers_find_nothing(desk: Client) -> None:
    with make.moment(AT):
        assert desk.post("/desk/rule-trials/", {"rule": "999"}).status_code == 422
        other = Client()
        other.force_login(make.signed_up().user)
        assert other.post("/desk/rule-trials/", {"rule": "1"}).status_code in (302, 404)
    assert not RuleTrial.objects.exists()
