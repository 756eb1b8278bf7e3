"""The desk's first page: what waits, how the platform stands, and the same as a table to keep."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import spreadsheets
from desk import reviews
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db

OVERVIEW = "desk:overview"


@pytest.fixture(scope="module")
def referred(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Order]:
    with walks.kept(django_db_blocker):
        order = make.order(State.PLACED, of=make.customer(score=580))
        make.drain(make.AT)
        yield order


def look(after: timedelta, **query: str) -> Any:
    with make.moment(make.AT + after):
        client = Client()
        client.force_login(make.operator())
        return client.get(reverse(OVERVIEW), query)


@pytest.mark.parametrize(
    ("minutes", "near", "over", "tone"), [(89, 0, 0, ""), (90, 1, 0, "wait"), (120, 1, 0, "wait"), (121, 0, 1, "late")]
)
def test_the_title_says_what_is_near_the_goal_or_beyond(
    referred: Order, minutes: int, near: int, over: int, tone: str
) -> None:
    page = look(timedelta(minutes=minutes))
    standing = page.context["standing"]
    assert (standing.count, standing.near, standing.over) == (1, near, over)
    assert page.context["alarm_tone"] == tone
    (row,) = page.context["reviews"]
    assert (row.order, row.score, row.waiver) == (referred, 580, referred.lease.deposit.waived)
    assert row.reason
    assert make.NAME not in page.content.decode()


def test_the_oldest_review_is_one_click_away(referred: Order) -> None:
    client = Client()
    client.force_login(make.operator())
    assert client.get(reverse("desk:oldest"))["Location"] == reverse("desk:order", args=[referred.number])


def test_a_second_order_within_days_and_another_consignee_are_said(referred: Order) -> None:
    second = make.order(State.PLACED, of=referred.customer, slug="w3")
    rows = {row.order: row for row in reviews.rows(make.AT + timedelta(minutes=5), 5)}
    assert len(rows[referred].signs) == 0
    assert len(rows[second].signs) == 1


def test_arrears_can_be_asked_from_the_first_day(referred: Order) -> None:
    page = look(timedelta(minutes=5), late="all")
    assert page.context["every_day"]
    assert not look(timedelta(minutes=5), late="nonsense").context["every_day"]


def test_the_table_to_keep_opens_in_a_spreadsheet(referred: Order) -> None:
    client = Client()
    with make.moment(make.AT + timedelta(minutes=5)):
        client.force_login(make.operator())
        answer = client.get(reverse("desk:export"))
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="xinzu-desk-20260302.csv"'
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert any(referred.number in cell for row in rows for cell in row)
    assert make.NAME not in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert spreadsheets.cell(f"{start}HYPERLINK(1)").startswith("'")
    assert spreadsheets.cell("A-1") == "A-1"
    assert spreadsheets.cell(None) == ""
