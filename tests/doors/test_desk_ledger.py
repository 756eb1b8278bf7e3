"""The ledger's pages and merchants' statements at the desk: what they show, who finds them, what paying out changes."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import LedgerEntry, MerchantStatement, Posting
from billing.rules import postings
from billing.rules.postings import Account, Kind, Line
from billing.services import ledger, settlements
from core import calendar
from core.models import Event
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
NOW = calendar.instant(APRIL, 10)


@pytest.fixture(scope="module")
def active(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Order]:
    """A running lease; its merchant's March is settled."""
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        settlements.set_commission(order.merchant, Decimal("0.08"), MARCH, make.operator())
        settlements.issue(order.merchant_id, MARCH, NOW)
        yield order


@pytest.fixture
def desk(active: Order) -> Iterator[Client]:
    client = Client()
    with make.moment(NOW):
        client.force_login(make.operator())
        client.get(reverse("desk:ledger"))
        yield client


def statement() -> MerchantStatement:
    return MerchantStatement.objects.get()


def addresses(order: Order) -> list[str]:
    return [
        reverse("desk:ledger"),
        reverse("desk:ledger_export"),
        reverse("desk:ledger_kind", args=["rent_income"]),
        reverse("desk:ledger_kind_export", args=["rent_income"]),
        reverse("desk:posting", args=[Posting.objects.earliest("pk").pk]),
        reverse("desk:ledger_customer", args=[order.customer.number]),
        reverse("desk:ledger_merchant", args=[order.merchant_id]),
        reverse("desk:payout", args=[statement().number]),
    ]


def table(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode().lstrip("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def test_operators_find_every_page_and_nobody_else_does(active: Order, desk: Client) -> None:
    assert {desk.get(address).status_code for address in addresses(active)} == {200}
    for other in (active.customer.user, make.merchant_member()):
        client = Client()
        client.force_login(other)
        assert {client.get(address).status_code for address in addresses(active)} == {404}
        assert client.post(addresses(active)[-1], {"reference": "B-0042"}).status_code == 404
    for address in addresses(active):
        assert Client().get(address)["Location"].startswith(f"{reverse('desk:sign_in')}?next=")
    assert statement().state == "ISSUED"


def test_the_trial_balance_is_even_and_knows_days(active: Order, desk: Client) -> None:
    shown = desk.get(reverse("desk:ledger")).context["trial"]
    assert shown.is_even
    assert shown.debits == sum(entry.amount for entry in LedgerEntry.objects.filter(side="DEBIT"))
    by_kind = {row.account.kind: row for row in shown.rows}
    assert by_kind[Kind.MERCHANT_PAYABLE].credit == statement().payable
    assert by_kind[Kind.RENT_INCOME].debit is by_kind[Kind.RENT_INCOME].credit is None
    before = desk.get(reverse("desk:ledger"), {"on": "2026-03-31"}).context["trial"]
    assert Kind.MERCHANT_PAYABLE not in {row.account.kind for row in before.rows}
    assert before.is_even
    assert desk.get(reverse("desk:ledger"), {"on": "2026-02-01"}).context["trial"].rows == []
    assert desk.get(reverse("desk:ledger"), {"on": "nonsense"}).context["on"] == APRIL


def test_an_account_leads_to_its_entries_and_they_to_their_posting(active: Order, desk: Client) -> None:
    kind = reverse("desk:ledger_kind", args=["clearing"])
    page = desk.get(kind, {"channel": "alipay"})
    found = page.context["entries"]
    assert found
    assert {(entry.account.kind, entry.account.channel) for entry in found} == {(Kind.CLEARING, "alipay")}
    address = reverse("desk:posting", args=[found[0].posting_id])
    assert f'href="{address}"' in page.content.decode()
    entries = desk.get(address).context["entries"]
    assert {entry.posting_id for entry in entries} == {found[0].posting_id}
    assert len(entries) >= 2
    assert not desk.get(kind, {"channel": "nobody"}).context["entries"]
    assert not desk.get(kind, {"channel": "alipay", "on": "2026-01-01"}).context["entries"]
    assert desk.get(reverse("desk:ledger_kind", args=["nonsense"])).status_code == 404


def test_entries_page_by_key(active: Order, desk: Client) -> None:
    for n in range(30):
        ledger.post(f"x:{n}", "x", _two_lines(), NOW)
    address = reverse("desk:ledger_kind", args=["fee_income"])
    seen: list[int] = []
    before: int | None = 0
    while before is not None:
        page = desk.get(address, {"before": before} if before else {})
        seen += [entry.pk for entry in page.context["entries"]]
        before = page.context["next"]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == LedgerEntry.objects.filter(account__kind=Kind.FEE_INCOME).count() >= 30


def test_a_customer_and_a_merchant_show_what_the_ledger_says(active: Order, desk: Client) -> None:
    rows = desk.get(reverse("desk:ledger_customer", args=[active.customer.number])).context["rows"]
    assert {row.account.kind for row in rows} == {Kind.RECEIVABLE}
    page = desk.get(reverse("desk:ledger_merchant", args=[active.merchant_id]))
    (row,) = page.context["rows"]
    assert row.credit == statement().payable
    assert list(page.context["statements"]) == [statement()]


def test_the_tables_to_keep_are_even_and_harmless(active: Order, desk: Client) -> None:
    rows = table(desk.get(reverse("desk:ledger_export")))
    assert rows[-1][2] == rows[-1][3] != "0.00"
    assert len(rows) == 3 + len(ledger.trial_balance(APRIL))
    ledger.post("=1+1", "+x", _two_lines(), NOW)
    entries = table(desk.get(reverse("desk:ledger_kind_export", args=["rent_income"])))
    assert entries[-1][1:3] == ["'+x", "'=1+1"]
    assert len(entries) == 1 + LedgerEntry.objects.filter(account__kind=Kind.RENT_INCOME).count()


def test_an_issued_statement_waits_in_the_queue_until_it_is_paid_out(active: Order, desk: Client) -> None:
    queue, address = reverse("desk:queue", args=["payouts"]), reverse("desk:payout", args=[statement().number])
    assert [row.href for row in desk.get(queue).context["shown"].rows] == [address]
    assert desk.post(address, {"reference": " "}).status_code == 422
    assert desk.post(address, {"reference": "B-0042"})["Location"] == address
    assert desk.post(address, {"reference": "B-0042"}).status_code == 303
    assert desk.post(address, {"reference": "B-0043"}).status_code == 422
    assert (statement().state, statement().reference, statement().paid_out_at) == ("PAID_OUT", "B-0042", NOW)
    told = Event.objects.get(kind="statement_paid_out")
    assert told.actor == f"operator:{User.objects.get(login='operator').pk}"
    assert desk.get(queue).context["shown"].rows == []
    assert "B-0042" in desk.get(address).content.decode()
    assert walks.broken() == {}


def _two_lines() -> list[Line]:
    rent, fee = Account(Kind.RENT_INCOME), Account(Kind.FEE_INCOME)
    return [postings.debit(rent, Decimal(1)), postings.credit(fee, Decimal(1))]
