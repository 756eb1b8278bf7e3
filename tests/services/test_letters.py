"""Demand letters: from day ninety, in writing, kept, to the customer alone, with time and ways out (domain.md §9)."""

import io
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from arrears import invariants
from arrears.models import CaseNote, CollectionCase, DemandLetter
from arrears.services import cases, hardship, letters
from billing.models import Lease
from core import calendar
from core.invariants import violations
from notices.models import Message
from orders.models import State
from tests import make, things, walks

pytestmark = pytest.mark.django_db
DUE = date(2026, 4, 2)  # of bill 2
NINETIETH = DUE + timedelta(days=90)
ME = "operator:1"


def at(on: date) -> datetime:
    return calendar.instant(on, 12)


def text(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def case() -> CollectionCase:
    lease = things.lease(start=date(2026, 3, 2))
    things.paid(things.bill(lease))
    user = lease.customer.user
    user.phone = things.PHONE
    user.save()
    cases.open_due(NINETIETH, at(NINETIETH))
    return CollectionCase.objects.get(lease=lease)


def test_it_says_what_is_owed_until_when_and_what_may_be_chosen(case: CollectionCase) -> None:
    letter = letters.issue(case.pk, ME, at(NINETIETH))
    read = text(letters.content(letter))
    assert letter.cure_until == NINETIETH + timedelta(days=15)
    assert letter.number in read
    assert f"共¥{letter.amount:,.2f}。请在{letter.cure_until}24:00前付清" in read
    assert "由你选择" in read
    assert "不会联系你的家人" in read
    assert not [word for word in ("法院", "起诉", "警", "征信", "后果自负") if word in read]
    assert case.notes.filter(kind=CaseNote.Kind.LETTER, text__startswith=letter.number).exists()
    told = Message.objects.filter(template="demand_letter", user=case.customer.user)
    assert {message.channel for message in told} == {"SMS", "IN_APP"}
    with pytest.raises(letters.LetterStands):
        letters.issue(case.pk, ME, at(letter.cure_until))
    assert letters.issue(case.pk, ME, at(letter.cure_until + timedelta(days=1))).amount > letter.amount


def test_not_a_day_early_and_not_while_a_hard_month_waits_for_its_answer(case: CollectionCase) -> None:
    with pytest.raises(letters.TooEarly):
        letters.issue(case.pk, ME, at(NINETIETH - timedelta(days=1)))
    hardship.ask(case.lease_id, "in hospital", None, "customer:1", at(NINETIETH))
    with pytest.raises(cases.HardshipFirst):
        letters.issue(case.pk, ME, at(NINETIETH))
    assert letters.why_not(case, NINETIETH) == str(cases.HardshipFirst())
    assert not DemandLetter.objects.exists()


def test_what_is_paid_while_it_is_printed_stops_it(case: CollectionCase, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = letters._printed

    def paying(*args: object) -> bytes:
        things.paid(Lease.objects.get(pk=case.lease_id).bills.get(number=3), at=at(NINETIETH))
        return printed(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(letters, "_printed", paying)
    with pytest.raises(letters.FiguresMoved):
        letters.issue(case.pk, ME, at(NINETIETH))
    assert not DemandLetter.objects.exists()


def test_it_is_kept_as_it_was_and_one_that_leaves_no_time_is_counted(case: CollectionCase) -> None:
    letters.issue(case.pk, ME, at(NINETIETH))
    invariant = next(each for each in invariants.INVARIANTS if each.number == "63")
    plant = "UPDATE arrears_demandletter SET cure_until = cure_until - 1"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(plant)
    assert violations(invariant) == 0
    connection.check_constraints()  # nothing deferred waits, else ALTER TABLE is refused for that
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE arrears_demandletter DISABLE TRIGGER arrears_demandletter_append_only")
        cursor.execute(plant)
    assert violations(invariant) == 1


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def test_the_desk_issues_it_the_customer_reads_it_and_nobody_else() -> None:
    order = make.order(State.ACTIVE)
    now = make.AT + timedelta(days=125)
    cases.open_due(calendar.business_date(now), now)
    case = CollectionCase.objects.get(lease=order.lease)
    act = reverse("desk:case_act", args=[case.number, "demand"])
    with make.moment(now):
        desk = client_of(make.operator())
        assert desk.post(act, {}).status_code == 422
        assert desk.post(act, {"is_sure": "on"}).status_code == 303
        letter = DemandLetter.objects.get()
        assert letter.number in desk.get(reverse("desk:case", args=[case.number])).content.decode()
        theirs = reverse("desk:case_letter", args=[case.number, letter.number])
        assert desk.get(theirs).content.startswith(b"%PDF")
        mine = Message.objects.get(template="demand_letter", channel="IN_APP").link
        assert client_of(order.customer.user).get(mine)["Content-Type"] == "application/pdf"
        stranger, merchant = client_of(make.customer(at=now).user), client_of(make.merchant_member("qinghe"))
        with walks.nothing_changes():
            assert stranger.get(mine).status_code == 404
            assert [each.get(theirs).status_code == 200 for each in (stranger, merchant)] == [False, False]
            for each in (stranger, merchant):
                each.post(act, {"is_sure": "on"})
