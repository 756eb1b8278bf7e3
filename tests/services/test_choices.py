"""After a demand letter: the customer chooses, only he; with neither, two persons end the lease (domain.md §9)."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from arrears.models import CaseNote, CollectionCase, DemandLetter
from arrears.services import cases, hardship, letters
from billing.models import Bill, WriteOff
from billing.rules.postings import Kind as Account
from billing.services import ledger, overdue, statements
from billing.services.offline import Receipt
from contracts.rules.addenda import NoticeTerms
from contracts.services import agreements
from core import calendar, invariants
from core.models import Approval
from core.services import approvals
from notices.models import Message
from orders import actions
from orders.models import DemandChoice, Ending, Order, State
from orders.services import (
    buyouts,
    choices,
    deposit_deductions,
    early_returns,
    endings,
    losses,
    offline,
    returns,
    settlements,
    terminations,
    waits,
    write_offs,
)
from tests import make, walks

pytestmark = pytest.mark.django_db
NOW = make.AT + timedelta(days=126)
ONE, OTHER = "operator:1", "operator:2"
Kind = DemandChoice.Kind


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> Order:
    """Four bills unpaid, the oldest of them 96 days; a letter of today is out."""
    monkeypatch.setattr(letters, "_printed", lambda *args: b"%PDF")
    made = make.order(State.ACTIVE)
    cases.open_due(on(NOW), NOW)
    letters.issue(CollectionCase.objects.get(lease=made.lease).pk, ONE, NOW)
    return walks.read(made)


def on(at: datetime) -> date:
    return calendar.business_date(at)


def who(order: Order) -> str:
    return f"customer:{order.customer_id}"


def after_cure(order: Order) -> datetime:
    return NOW + timedelta(days=16)


def offered(face: str, order: Order, at: datetime) -> set[str]:
    return {each.name for each in actions.offered(face, walks.read(order), at)}


def test_three_ways_at_their_prices_and_a_word_to_pay_binds_the_platform(order: Order) -> None:
    figures = choices.figures(order, on(NOW))
    owed = overdue.of([order.lease_id], on(NOW))[order.lease_id].amount
    pay, back, buy = (figures[kind].payoff for kind in (Kind.PAY, Kind.RETURN, Kind.BUY))
    assert (pay.price, pay.owed, back.price, back.owed) == (Decimal(0), owed, Decimal(0), owed)
    assert pay.fees > 0
    assert buy.to_pay == buy.price + pay.to_pay > pay.to_pay
    assert "choice" in offered(actions.CUSTOMER, order, NOW)
    assert "return-early" not in offered(actions.CUSTOMER, order, NOW)  # at another price
    assert figures[Kind.BUY] == buyouts.quote(order, on(NOW))
    assert figures[Kind.RETURN] == early_returns.quote(order, on(NOW), Ending.Basis.DEMAND)
    with pytest.raises(endings.QuoteChanged):
        choices.choose(order.pk, Kind.PAY, who(order), NOW, figures[Kind.BUY].code)
    said = NOW + timedelta(days=14)
    choices.choose(order.pk, Kind.PAY, who(order), said)
    letter = DemandLetter.objects.get()
    last = on(said) + timedelta(days=7)
    assert choices.holds_until(letter) == last
    choices.choose(order.pk, Kind.PAY, who(order), said + timedelta(days=5))  # no second week
    assert choices.holds_until(letter) == last
    with pytest.raises(terminations.CustomerChose):
        terminations.require(order, last)
    assert terminations.require(order, last + timedelta(days=1)) == letter
    assert CaseNote.objects.filter(kind=CaseNote.Kind.CHOICE).count() == 2
    assert walks.broken() == {}


def test_sending_it_back_costs_what_is_due_and_no_rent_after_it(order: Order) -> None:
    made = choices.choose(order.pk, Kind.RETURN, who(order), NOW)
    order = walks.read(order)
    assert (order.state, made.ending and made.ending.basis) == (State.RETURNING, Ending.Basis.DEMAND)
    left = NOW + timedelta(days=1)
    returns.hand_over(order.pk, who(order), "sf", make.waybill(), left)
    make.scan(walks.read(order), left)
    assert not order.lease.bills.filter(kind=Bill.Kind.EARLY).exists()
    later = order.lease.bills.filter(kind=Bill.Kind.RENT, due_date__gt=on(NOW) + timedelta(days=1))
    assert {bill.state for bill in later} == {Bill.State.VOID}
    assert walks.broken() == {}


def test_not_handed_over_it_lapses_and_nothing_else_was_lost(order: Order) -> None:
    choices.choose(order.pk, Kind.RETURN, who(order), NOW)
    waits.end(walks.read(order), NOW + timedelta(days=7))
    order, letter = walks.read(order), DemandLetter.objects.get()
    assert (order.state, choices.holds(letter, on(NOW) + timedelta(days=7))) == (State.ACTIVE, False)
    choices.choose(order.pk, Kind.BUY, who(order), NOW + timedelta(days=8))
    assert choices.holds(letter, on(NOW) + timedelta(days=8))
    assert Ending.objects.get(state=Ending.State.OPEN).kind == Ending.Kind.BUYOUT


def test_nobody_chooses_for_the_customer_nor_without_a_letter(order: Order) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        choices.choose(order.pk, Kind.PAY, ONE, NOW)
    other = make.order(State.ACTIVE)
    with pytest.raises(choices.NothingToChoose):
        choices.choose(other.pk, Kind.PAY, who(other), NOW)


def test_with_neither_two_persons_end_it_after_a_week_and_what_nobody_pays_is_given_up(order: Order) -> None:
    with pytest.raises(terminations.CureTimeRuns):
        terminations.propose(order, "no answer", ONE, NOW)
    at = after_cure(order)
    asked = hardship.ask(order.lease_id, "in hospital", None, who(order), at)
    with pytest.raises(cases.HardshipFirst):
        terminations.propose(order, "no answer", ONE, at)
    hardship.answer(asked.pk, "read", ONE, at)
    assert "terminate" in offered(actions.OPERATOR, order, at)
    wish = terminations.propose(order, "no answer", ONE, at)
    assert walks.told(order, "termination_planned") == 1
    week = at + timedelta(days=7)
    with pytest.raises(terminations.NotAnnouncedLongEnough):
        terminations.carry_out(wish.pk, OTHER, week - timedelta(days=1))
    with pytest.raises(approvals.SamePerson):
        terminations.carry_out(wish.pk, ONE, week)
    value = losses.quote(order, on(week)).payoff.price
    terminations.carry_out(wish.pk, OTHER, week)
    order = walks.read(order)
    assert order.state == State.SETTLING
    assert order.lease.bills.get(kind=Bill.Kind.LOSS).rent == value
    assert not order.lease.bills.filter(due_date__gt=on(week), kind=Bill.Kind.RENT).exclude(state="VOID").exists()
    assert (walks.told(order, "lease_terminated"), walks.told(order, "device_given_up")) == (1, 0)
    assert walks.broken() == {}
    _noticed(order, week)
    _given_up(order, week + timedelta(days=1))


def _noticed(order: Order, at: datetime) -> None:
    """A signed notice names every bill that is open, to the fen, and only its customer and the desk read it."""
    make.drain(at)
    make.drain(at)  # once
    paper = Ending.objects.get(kind=Ending.Kind.DEFAULT).paper
    assert paper is not None
    assert (paper.kind, paper.state, walks.told(order, "termination_notice")) == ("NOTICE", "SIGNED", 1)
    views = [view for view in statements.statement(order.lease, on(at)) if view.owed_now]
    stated = NoticeTerms.from_json(paper.terms.open(by="test", purpose="test", at=at))
    assert [(each.number, each.amount) for each in stated.claims] == [(v.bill.number, v.owed_now) for v in views]
    assert (stated.total, stated.claims[-1].kind) == (settlements.owed(order, on(at)), "LOSS")
    mine = reverse("storefront:lease_paper", args=[order.number, paper.number])
    theirs = reverse("desk:paper_pdf", args=[order.number, paper.number])
    with make.moment(at):
        content = client_of(order.customer.user).get(mine).content
        assert client_of(make.operator()).get(theirs).content == content
        stranger, merchant = client_of(make.customer(at=at).user), client_of(make.merchant_member("qinghe"))
        for page in (mine, theirs):
            assert [each.get(page).status_code == 200 for each in (stranger, merchant)] == [False, False]
    assert agreements.examine(content, at).genuine
    read = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
    for view in views:
        assert f"¥{view.owed_now:,.2f}" in read
    assert f"共计¥{stated.total:,.2f}" in read
    assert not [word for word in ("法院", "起诉", "征信", "后果自负") if word in read]


def _given_up(order: Order, at: datetime) -> None:
    """The deposit first, by two persons; the rest given up by two persons; what comes later is a recovery."""
    with pytest.raises(write_offs.DepositFirst):
        write_offs.propose(order, "gone abroad", ONE, at)
    taken = deposit_deductions.propose(order, None, "arrears", ONE, at)
    deposit_deductions.carry_out(taken.pk, OTHER, at)
    make.drain(at)
    assert "write-off" in offered(actions.OPERATOR, order, at)
    asked = write_offs.propose(walks.read(order), "gone abroad", ONE, at)
    with pytest.raises(approvals.SamePerson):
        write_offs.carry_out(asked.pk, ONE, at)
    owed = settlements.owed(walks.read(order), on(at))
    write_offs.carry_out(asked.pk, OTHER, at)
    order = walks.read(order)
    assert (order.state, WriteOff.objects.get().amount) == (State.WRITTEN_OFF, owed)
    assert walks.broken() == {}
    cases.close_settled(on(at), at)
    assert CollectionCase.objects.get().outcome == CollectionCase.Outcome.WRITTEN_OFF
    later = at + timedelta(days=30)
    assert "received" in offered(actions.OPERATOR, order, later)
    bill = order.lease.bills.filter(state=Bill.State.WRITTEN_OFF).order_by("number").first()
    assert bill is not None
    rest = bill.amount - bill.paid
    offline.record(order, [bill.number], Receipt(rest, later, "B-77", "found work"), ONE, later)
    assert (WriteOff.objects.get().recovered, ledger.account(Account.RECOVERY).amount) == (rest, rest)
    assert walks.read(order).state == State.WRITTEN_OFF
    assert walks.broken() == {}
    _planted(order)


def _planted(order: Order) -> None:
    connection.check_constraints()
    known = {each.number: each for each in invariants.all_invariants()}
    breaks = [
        ("64", "UPDATE core_approval SET used_at = used_at + interval '1 hour' WHERE kind = 'termination'"),
        ("64", "UPDATE orders_ending SET paper_id = NULL WHERE kind = 'DEFAULT'"),
        ("64", "UPDATE arrears_demandletter SET cure_until = cure_until + 30"),
        ("65", "UPDATE core_approval SET subject = 'x' WHERE kind = 'write_off'"),
    ]
    with connection.cursor() as cursor:
        for table in ("core_approval", "arrears_demandletter"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for number, plant in breaks:
            cursor.execute("SAVEPOINT planted")
            cursor.execute(plant)
            assert invariants.violations(known[number]) >= 1, plant
            cursor.execute("ROLLBACK TO SAVEPOINT planted")


def test_he_pays_in_the_week_and_nothing_is_ended(order: Order) -> None:
    at = after_cure(order)
    wish = terminations.propose(order, "no answer", ONE, at)
    for bill in order.lease.bills.filter(due_date__lte=on(at), state=Bill.State.OPEN):
        make.pay_bill(order, bill.number, at + timedelta(days=1))
    with pytest.raises(terminations.LetterFirst):
        terminations.carry_out(wish.pk, OTHER, at + timedelta(days=7))
    assert walks.read(order).state == State.ACTIVE
    assert Approval.objects.get(pk=wish.pk).state == Approval.State.REQUESTED


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def test_the_owner_chooses_on_his_page_and_nobody_else_sees_it(order: Order) -> None:
    page = reverse("storefront:choice", args=[order.number])
    figures = choices.figures(order, on(NOW))
    with make.moment(NOW):
        mine, stranger = client_of(order.customer.user), client_of(make.customer(at=NOW).user)
        others = [stranger, client_of(make.merchant_member("qinghe")), client_of(make.operator())]
        body = mine.get(page).content.decode()
        assert all(f"{quote.payoff.to_pay:,.2f}" in body for quote in figures.values())
        chosen = {"kind": "RETURN", "shown": figures[Kind.RETURN].code}
        with walks.nothing_changes():
            for each in others:
                assert each.post(page, chosen).status_code in (302, 403, 404)
            assert mine.post(page, {**chosen, "shown": "old"}).status_code == 422
        assert mine.post(page, chosen).status_code == 303
        assert walks.read(order).state == State.RETURNING
        case = CollectionCase.objects.get()
        desk = client_of(make.operator()).get(reverse("desk:case", args=[case.number])).content.decode()
        assert "Send it back" in desk
    assert Message.objects.filter(template="demand_letter").exists()
