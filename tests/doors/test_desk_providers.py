"""The providers' page of the desk: read without a call, asked by a press, for operators only."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core import clock
from desk import providers
from integrations import breaker, health, http, registry, tally
from integrations.health import Check, Health
from integrations.tally import Last, Outcome, Tally
from sandbox.services import faults
from sandbox.services.faults import Kind
from tests import make

pytestmark = pytest.mark.django_db
PAGE = reverse("desk:providers")
ASK = reverse("desk:provider_ask", args=["payments", "alipay"])


@pytest.fixture
def desk() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make.operator())
    return client


def text(desk: Client) -> str:
    return desk.get(PAGE).content.decode()


def test_the_page_calls_nobody(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "client", lambda _url: pytest.fail("a provider was called"))
    shown = text(desk)
    assert shown.count("Not called in the last day") == shown.count(">Ask now<") == len(health.known())


def test_a_press_asks_one_and_the_page_tells_of_it(desk: Client) -> None:
    answer = desk.post(ASK)
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}#payments-alipay")
    shown = text(desk)
    assert "alipay answered after" in shown
    assert "1 call · 1 answered, 0 with a no · 0 failed, 0 timed out" in " ".join(shown.split())
    assert shown.count("asked by hand: answered after") == 1


def test_counts_whose_latest_call_was_forgotten_are_shown(desk: Client) -> None:
    """The cache may drop any of them."""
    desk.post(ASK)
    cache.delete("tally:alipay:last")
    assert "1 call · 1 answered" in " ".join(text(desk).split())


def test_a_press_on_one_that_is_down_says_so(desk: Client) -> None:
    faults.order("alipay.trade.query", Kind.DOWN)
    desk.post(ASK)
    shown = text(desk)
    assert "alipay did not answer well: Unreached HTTP 503" in shown
    assert "Did not answer well when asked" in shown


def test_only_an_operator_asks_and_only_by_post(desk: Client) -> None:
    for user in (None, make.customer().user, make.merchant_member()):
        client = Client()
        if user:
            client.force_login(user)
        assert client.post(ASK).status_code in (302, 404)
    assert desk.get(ASK).status_code == 405
    assert desk.post(reverse("desk:provider_ask", args=["payments", "unionpay"])).status_code == 404
    assert tally.read(["alipay"], clock.machine())["alipay"].total == 0


def test_every_capability_has_a_word() -> None:
    """Else people read a name of the settings."""
    assert {capability for capability, _name in registry.names()} <= set(providers.CAPABILITIES)


AT = clock.machine()
WELL, ILL = Check(AT, 5, ""), Check(AT, 5, "Unreached")


def stood(
    circuit: breaker.State = "closed", check: Check | None = None, last: Outcome | None = None, **counts: int
) -> str:
    counted = Tally(last=Last(AT - timedelta(minutes=1), last) if last else None)
    for outcome, count in counts.items():
        counted.counts[Outcome(outcome), 0] = count
    return providers.standing(Health("payments", "some", "some", "h", circuit, counted, check))[0]


def test_how_a_provider_stands() -> None:
    assert stood() == "neutral"
    assert stood(circuit="open", check=WELL, last=Outcome.ANSWERED) == "late"
    assert stood(circuit="half-open", last=Outcome.FAILED) == "wait"
    assert stood(check=ILL, last=Outcome.ANSWERED, ANSWERED=1) == "late"
    assert stood(last=Outcome.TIMED_OUT, ANSWERED=99, TIMED_OUT=1) == "late"
    assert stood(last=Outcome.ANSWERED, ANSWERED=95, FAILED=5) == "wait"
    assert stood(last=Outcome.ANSWERED, ANSWERED=96, FAILED=4) == "ok"
    assert stood(last=Outcome.REFUSED, REFUSED=3) == "ok"  # a no is an answer


def test_a_later_call_outweighs_an_earlier_question() -> None:
    earlier = Check(AT - timedelta(minutes=2), 5, "Unreached")
    assert stood(check=earlier, last=Outcome.ANSWERED, ANSWERED=1) == "ok"
    cache.clear()
