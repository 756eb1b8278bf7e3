"""Whom rules refused asks for a person, once; the answer is recorded, told, and counts for the next order."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from core.services import events
from credit.services import stops
from desk import queues, reviews
from orders.models import Order, ReviewRequest, RiskRule, State
from orders.services import approvals, cancellations, review_requests, waits
from orders.services.steps import CustomerBlocked
from tests import make, walks
from tests import risks as rules

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(hours=1)
OPERATOR = "operator:1"


def ordered(of: Any, at: Any = AT) -> Order:
    placed = make.order(State.PLACED, of=of, slug="mini-4", months=3, at=at)
    make.drain(at)
    return walks.read(placed)


@pytest.fixture
def refused() -> Order:
    """By a rule: somebody who is stopped has the same address."""
    rules.in_force("KNOWN_DEFAULTERS", 1, 365, action="REFUSE")
    stops.add(ordered(make.customer()).customer, "FRAUD", "sold the device", OPERATOR, AT)
    found = ordered(make.customer())
    assert (found.state, found.reason) == ("REFUSED", "risk")
    return found


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def test_a_refusal_that_a_person_takes_back_does_not_stop_the_next_order(refused: Order) -> None:
    review_requests.ask(refused.pk, "my brother had debts", f"customer:{refused.customer_id}", LATER)
    with walks.nothing_changes(), pytest.raises(review_requests.AskedAlready):
        review_requests.ask(refused.pk, "again", f"customer:{refused.customer_id}", LATER)
    review_requests.allow(refused.pk, "Your brother is another person", OPERATOR, LATER)
    with walks.nothing_changes(), pytest.raises(review_requests.AnsweredAlready):
        review_requests.uphold(refused.pk, "no", OPERATOR, LATER)
    assert walks.read(refused).state == "REFUSED"
    assert events.of(refused).filter(kind="review_allowed", actor=OPERATOR).count() == 1
    make.drain(LATER)
    assert walks.told(refused, "review_answered") == 1
    assert ordered(refused.customer, LATER).state == "APPROVED"
    late = ordered(refused.customer, LATER + timedelta(days=31))  # the pass is over
    assert (late.state, late.reason) == ("REFUSED", "risk")
    assert walks.broken() == {}


def test_a_refusal_that_stands_stops_the_next_order_too(refused: Order) -> None:
    review_requests.ask(refused.pk, "", f"customer:{refused.customer_id}", LATER)
    with pytest.raises(review_requests.AnswerMissing):
        review_requests.uphold(refused.pk, " ", OPERATOR, LATER)
    review_requests.uphold(refused.pk, "We know this address", OPERATOR, LATER)
    assert ordered(refused.customer, LATER).reason == "risk"


def test_only_what_rules_refused_is_looked_at_again_and_no_person_passes_a_hard_stop(refused: Order) -> None:
    rules.ended(RiskRule.objects.get())
    mine = ordered(make.customer(563))
    with pytest.raises(review_requests.NothingToReview):
        review_requests.ask(mine.pk, "", f"customer:{mine.customer_id}", LATER)
    approvals.refuse(mine.pk, OPERATOR, "no income", LATER)  # by a person
    with pytest.raises(review_requests.NothingToReview):
        review_requests.ask(mine.pk, "", f"customer:{mine.customer_id}", LATER)
    review_requests.ask(refused.pk, "", f"customer:{refused.customer_id}", LATER)
    stops.add(refused.customer, "FRAUD", "forged papers", OPERATOR, LATER)
    with walks.nothing_changes(), pytest.raises(review_requests.StillStopped):
        review_requests.allow(refused.pk, "welcome", OPERATOR, LATER)
    with pytest.raises(CustomerBlocked):
        make.order(of=refused.customer, at=LATER)


def test_what_nobody_answers_rises_with_an_alarm_and_the_clock_takes_the_refusal_back(refused: Order) -> None:
    rules.ended(RiskRule.objects.get())
    older = ordered(make.customer(563))  # waits for a person since earlier; nothing was promised
    review_requests.ask(refused.pk, "my brother had debts", f"customer:{refused.customer_id}", LATER)
    promised = LATER + timedelta(hours=24)
    assert reviews.standing(promised - timedelta(seconds=1)).unanswered == 0
    assert reviews.standing(promised).unanswered == 1
    assert reviews.headline(reviews.standing(promised))[2] == "late"
    assert [row.order for row in reviews.rows(promised, 5)] == [refused, older]
    shown = queues.show(queues.QUEUES[0], promised).rows
    assert shown[0].title.startswith(refused.number)
    with translation.override("en"):
        assert "promised hour" in str(shown[0].todo)
    end = promised + timedelta(hours=48)
    with walks.nothing_changes():
        review_requests.end_due(end - timedelta(seconds=1))
    waits.end_due(end)
    found = ReviewRequest.objects.get(order=refused)
    assert (found.state, found.decided_by) == ("ALLOWED", "platform")
    assert walks.told(refused, "review_unanswered") == 1
    assert walks.read(refused).state == "REFUSED"
    assert ordered(refused.customer, end).state == "APPROVED"
    with walks.nothing_changes():
        review_requests.end_due(end)
    assert walks.broken() == {}


def test_the_clock_lifts_no_hard_stop_and_says_so(refused: Order) -> None:
    review_requests.ask(refused.pk, "", f"customer:{refused.customer_id}", LATER)
    stops.add(refused.customer, "FRAUD", "forged papers", OPERATOR, LATER)
    waits.end_due(LATER + timedelta(hours=72))
    found = ReviewRequest.objects.get(order=refused)
    assert (found.state, found.decided_by) == ("UPHELD", "platform")
    assert found.answer
    assert walks.told(refused, "review_unanswered") == 1


def test_the_button_the_clock_the_queue_and_the_answer_on_the_pages(refused: Order) -> None:
    own, desk = client(refused.customer.user), client(make.operator())
    english = {"accept-language": "en"}
    page, ask = f"/orders/{refused.number}/", f"/orders/{refused.number}/ask-a-person/"
    allow = reverse("desk:act", args=[refused.number, "allow"])
    with make.moment(LATER):
        assert ask in own.get(page, headers=english).content.decode()
        assert client(make.customer().user).post(ask, {"text": "mine"}).status_code == 404
        assert desk.post(allow, {"answer": "too early"}).status_code == 409
        assert own.post(ask, {"text": "my brother had debts"}).status_code == 303
        told = own.get(page, headers=english).content.decode()
        assert "You have an answer by" in told
        assert ask not in told
        queue = desk.get(reverse("desk:queue", args=["review"]), headers=english).content.decode()
        assert "my brother had debts" in queue
        assert "my brother had debts" in desk.get(reverse("desk:order", args=[refused.number])).content.decode()
        member = client(make.merchant_member())
        assert "my brother" not in member.get(reverse("portal:order", args=[refused.number])).content.decode()
        assert desk.post(allow, {"answer": ""}).status_code == 422
        assert desk.post(allow, {"answer": "Your brother is another person"}).status_code == 303
        assert "Your brother is another person" in own.get(page).content.decode()
        queue = desk.get(reverse("desk:queue", args=["review"])).content.decode()
        assert refused.number not in queue
    assert ReviewRequest.objects.get().state == "ALLOWED"


def test_a_held_order_says_what_happens_when_nobody_answers() -> None:
    rules.in_force("SHARED_ADDRESS", 1)
    ordered(make.customer())
    held = ordered(make.customer())
    with make.moment(LATER):
        told = client(held.customer.user).get(f"/orders/{held.number}/", headers={"accept-language": "en"})
    assert "the order ends by itself" in told.content.decode()
    cancellations.cancel(held.pk, f"customer:{held.customer_id}", "by_customer", LATER)
    assert not review_requests.may_ask(walks.read(held))
