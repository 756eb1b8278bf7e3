"""Back-tests at the desk: asked for, watched, read; a file with a bad line leaves nothing behind."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from credit.models import TierSet
from credit.services import tiers
from orders.models import BackTest, BackTestCase
from orders.services import backtests
from tests.trust import AT, tiers_in_force

pytestmark = pytest.mark.django_db

FILE = "on,score,deposit,bad\n2026-01-05,650,3000,0\n2026-01-06,400,2999.50,1\n2026-01-07,700,0,\n"


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("xu", "x", is_staff=True, kind="OPERATOR"))
    return client


@pytest.fixture
def draft() -> TierSet:
    return tiers.draft_from(tiers_in_force().pk, "operator:1", AT)


def form(draft: TierSet, content: str | bytes | None = None) -> dict[str, Any]:
    posted: dict[str, Any] = {"tier_set": draft.pk, "card": ""}
    if content is not None:
        raw = content.encode() if isinstance(content, str) else content
        posted["file"] = SimpleUploadedFile("cases.csv", raw)
    return posted


def test_a_file_is_asked_for_watched_and_read(desk: Client, draft: TierSet) -> None:
    answer = desk.post(reverse("desk:backtests"), form(draft, FILE))
    made = BackTest.objects.get()
    assert answer["Location"] == reverse("desk:backtest", args=[made.pk])
    page = desk.get(answer["Location"]).content.decode()
    assert 'http-equiv="refresh"' in page
    assert 'value="0"' in page
    backtests.run(made.pk, AT)
    page = desk.get(answer["Location"]).content.decode()
    assert 'http-equiv="refresh"' not in page
    assert "1.000" in page  # the bad one scored lowest
    assert desk.get(reverse("desk:backtests")).status_code == 200


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (FILE + "2026-02-30,650,1,0\n", 5),
        (FILE.replace("2999.50", "1e3"), 3),
        ("on,score\n", 1),
        (b"\xff\xfe\x80\x81", 1),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_kept(desk: Client, draft: TierSet, content: str | bytes, line: int) -> None:
    answer = desk.post(reverse("desk:backtests"), form(draft, content))
    assert answer.status_code == 422
    assert answer.context["faults"][0]["line"] == line
    assert (BackTest.objects.count(), BackTestCase.objects.count()) == (0, 0)


def test_without_a_file_past_decisions_are_asked_for(desk: Client, draft: TierSet) -> None:
    desk.post(reverse("desk:backtests"), form(draft))
    assert BackTest.objects.get().source == "PAST"


def test_nonsense_is_a_field_error(desk: Client, draft: TierSet) -> None:
    for wrong in ({"tier_set": "x"}, {"tier_set": draft.pk, "card": "99999"}, {}):
        assert desk.post(reverse("desk:backtests"), wrong).status_code == 422
    assert BackTest.objects.count() == 0


def test_one_that_failed_says_so(desk: Client, draft: TierSet) -> None:
    desk.post(reverse("desk:backtests"), form(draft, FILE))
    made = BackTest.objects.get()
    BackTestCase.objects.update(inputs={"score": 9999, "source": "file"})
    backtests.run(made.pk, AT)
    assert "9999" in desk.get(reverse("desk:backtest", args=[made.pk])).content.decode()


def test_customers_find_nothing_here(draft: TierSet) -> None:
    client = Client()
    client.force_login(User.objects.create_user("somebody", "x"))
    assert client.get(reverse("desk:backtests")).status_code == 404
    assert client.post(reverse("desk:backtests"), form(draft)).status_code == 404
    assert BackTest.objects.count() == 0
