"""Demands hold an order and let it go: services, database, waits and retention (A6–A8, I10, L3, L7)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Contact, Customer, Document, IdentityVerification, User
from accounts.services import contacts, papers, retention
from billing.models import Lease
from core.models import Event, JobRun
from core.services import approvals as second
from credit.models import Demand, Hold, Outcome
from credit.services import demands as asked
from credit.services import stops
from orders.models import Order, State
from orders.services import answers, approvals, cancellations, demands, shipping, steps, waits
from orders.services.demands import YOU
from tests import make, walks
from tests.evidence import CONTACT, appointed, demanded, findings, picture, tomorrow
from visits.models import Visit
from visits.services import doors, visits

pytestmark = pytest.mark.django_db
AT = make.AT
OPERATOR = "operator:1"
NOON = tomorrow(AT)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        paid = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(726))
        people = [make.customer(563), make.customer(726)]  # all outbox work is done before these two order
        referred, passing = (make.order(slug="mini-4", months=3, of=person) for person in people)
        yield {"paid": paid.pk, "referred": referred.pk, "passing": passing.pk}


@pytest.fixture
def referred(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["referred"])


@pytest.fixture
def passing(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["passing"])


@pytest.fixture
def paid(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["paid"])


def unlocked(sql: str) -> None:
    """Past the trigger, as somebody might who switched it off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE orders_order DISABLE TRIGGER USER")
        cursor.execute(sql)


def test_an_open_demand_keeps_a_reviewer_from_approving(referred: Order) -> None:
    demanded(referred, "CONTACT", AT)
    with walks.nothing_changes(), pytest.raises(demands.StillDemanded):
        approvals.approve(referred.pk, OPERATOR, AT)
    assert walks.told(referred, "demand_raised") == 1
    [stands] = demands.standing(referred)
    assert stands.who == YOU


def test_every_kind_holds_and_a_waiver_with_grounds_lets_go(referred: Order) -> None:
    for kind, wanted in (("CONTACT", []), ("GUARANTOR", []), ("DOCUMENTS", ["WORK"]), ("VISIT", ["RESIDENCE"])):
        demands.raise_(referred.pk, kind, wanted, "grounds", OPERATOR, AT)
        with pytest.raises(demands.StillDemanded):
            approvals.approve(referred.pk, OPERATOR, AT)
        with pytest.raises(asked.GroundsMissing):
            answers.waive(referred.pk, kind, " ", OPERATOR, AT)
        answers.waive(referred.pk, kind, "the report suffices after all", OPERATOR, AT)
    assert set(Demand.objects.values_list("state", flat=True)) == {"WAIVED"}
    assert Visit.objects.get().state == "CANCELLED"
    approvals.approve(referred.pk, OPERATOR, AT)
    assert walks.read(referred).state == State.APPROVED
    assert walks.broken() == {}


def test_a_demand_is_refused_without_grounds_without_papers_and_twice(referred: Order) -> None:
    with walks.nothing_changes():
        with pytest.raises(asked.GroundsMissing):
            demands.raise_(referred.pk, "CONTACT", [], "", OPERATOR, AT)
        with pytest.raises(asked.WantedMissing):
            demands.raise_(referred.pk, "DOCUMENTS", ["PASSPORT"], "x", OPERATOR, AT)
    demanded(referred, "CONTACT", AT)
    with pytest.raises(asked.AlreadyDemanded):
        demanded(referred, "CONTACT", AT)


def test_only_a_visit_is_demanded_once_the_review_is_over(paid: Order) -> None:
    with pytest.raises(steps.StepNotPossible):
        demanded(paid, "CONTACT", AT)
    demanded(paid, "VISIT", AT, "RESIDENCE")


def test_an_order_with_an_open_demanded_visit_does_not_ship(paid: Order) -> None:
    demanded(paid, "VISIT", AT, "RESIDENCE")
    unit = paid.merchant.units.filter(sku=paid.plan.sku).first()
    assert unit is not None
    with walks.nothing_changes(), pytest.raises(demands.StillDemanded):
        shipping.ship(paid.pk, "merchant:1", unit.serial, "sf", make.waybill(), AT)
    answers.waive(paid.pk, "VISIT", "seen on video", OPERATOR, AT)
    shipping.ship(paid.pk, "merchant:1", unit.serial, "sf", make.waybill(), AT)
    assert walks.read(paid).state == State.SHIPPED


@pytest.mark.parametrize(("name", "kind", "target"), [("paid", "VISIT", "SHIPPED"), ("passing", "CONTACT", "APPROVED")])
def test_the_database_refuses_what_the_service_would(staged: dict[str, int], name: str, kind: str, target: str) -> None:
    order = Order.objects.get(pk=staged[name])
    demanded(order, kind, AT, *(["RESIDENCE"] if kind == "VISIT" else []))
    unit = order.merchant.units.filter(sku=order.plan.sku).earliest("pk").pk
    sql = f"UPDATE orders_order SET state = '{target}', unit_id = {unit} WHERE id = {order.pk}"
    refused = pytest.raises(IntegrityError, match="waits for what was demanded")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert "29a" not in "".join(walks.broken())
    unlocked(sql)
    assert [key for key in walks.broken() if key.startswith("29a")]


def test_the_twin_an_order_without_a_demand_passes_the_same_trigger(paid: Order) -> None:
    unit = paid.merchant.units.filter(sku=paid.plan.sku).earliest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_order SET state = 'SHIPPED', unit_id = {unit} WHERE id = {paid.pk}")
        assert cursor.rowcount == 1


def test_a_decision_may_demand_by_itself_once_per_kind(passing: Order) -> None:
    assert passing.decision is not None
    with connection.cursor() as cursor:  # as the tier table's rule would have it; a decision is never edited
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE credit_decision DISABLE TRIGGER USER")
        cursor.execute("UPDATE credit_decision SET demands = '[\"CONTACT\"]' WHERE id = %s", [passing.decision.pk])
    approvals.review(passing.pk, AT)
    approvals.review(passing.pk, AT)
    assert walks.read(passing).state == State.PLACED
    assert list(Demand.objects.values_list("kind", "state")) == [("CONTACT", "OPEN")]
    given = answers.name_contact(passing.pk, "CONTACT", CONTACT, AT)
    answers.review_contact(given.pk, "approve", "", OPERATOR, AT)
    make.drain(AT)
    assert walks.read(passing).state == State.APPROVED  # by the platform, nobody else


def test_a_decision_that_is_referred_waits_for_its_reviewer_after_the_last_demand(referred: Order) -> None:
    demanded(referred, "CONTACT", AT)
    given = answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
    answers.review_contact(given.pk, "approve", "", OPERATOR, AT)
    make.drain(AT)
    assert referred.decision is not None
    assert referred.decision.outcome == Outcome.REFER
    assert walks.read(referred).state == State.PLACED
    approvals.approve(referred.pk, OPERATOR, AT)


def test_nothing_is_supplied_that_nobody_asked_for(referred: Order) -> None:
    with walks.nothing_changes():
        with pytest.raises(asked.NotDemanded):
            answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
        with pytest.raises(asked.NotDemanded):
            answers.add_document(referred.pk, "WORK", picture(), AT)
        with pytest.raises(asked.NotDemanded):
            answers.decline_visit(referred.pk, "", AT)
    demanded(referred, "DOCUMENTS", AT, "WORK")
    with pytest.raises(asked.NotDemanded):
        answers.add_document(referred.pk, "HOUSEHOLD", picture(), AT)


def test_a_refused_contact_ends_the_order_and_everything_goes_back(referred: Order) -> None:
    demanded(referred, "CONTACT", AT)
    given = answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
    with pytest.raises(contacts.GroundsNeeded):
        answers.review_contact(given.pk, "refuse", "", OPERATOR, AT)
    answers.review_contact(given.pk, "refuse", "the number belongs to a shop", OPERATOR, AT)
    ended = walks.read(referred)
    assert (ended.state, ended.reason) == (State.REFUSED, "demand_refused")
    assert Demand.objects.get().state == "REFUSED"
    assert not Hold.objects.filter(order_number=ended.number, state="HELD").exists()
    assert Lease.objects.get(pk=ended.lease_id).state == "VOID"
    assert walks.broken() == {}


def test_asked_again_another_one_is_named(referred: Order) -> None:
    demanded(referred, "CONTACT", AT)
    given = answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
    with pytest.raises(contacts.ContactStands):
        answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
    answers.review_contact(given.pk, "ask_again", "nobody answers there", OPERATOR, AT)
    assert walks.told(referred, "demand_again") == 1
    [stands] = demands.standing(referred)
    assert stands.who == YOU
    answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)


def test_papers_are_complete_when_every_wanted_kind_is_accepted(referred: Order) -> None:
    demanded(referred, "DOCUMENTS", AT, "WORK", "HOUSEHOLD")
    first = answers.add_document(referred.pk, "WORK", picture(), AT)
    [stands] = demands.standing(referred)
    assert (stands.who, stands.missing) == (YOU, ("HOUSEHOLD",))
    second = answers.add_document(referred.pk, "HOUSEHOLD", picture(), AT)
    assert demands.standing(referred)[0].who == "we"
    answers.review_document(first.pk, "accept", "", OPERATOR, AT)
    answers.review_document(second.pk, "ask_again", "not legible", OPERATOR, AT)
    assert Demand.objects.get().state == "OPEN"
    third = answers.add_document(referred.pk, "HOUSEHOLD", picture(), AT)
    answers.review_document(third.pk, "accept", "", OPERATOR, AT)
    assert Demand.objects.get().state == "MET"


def test_the_wait_ends_by_itself_and_takes_everything_along(referred: Order) -> None:
    demanded(referred, "CONTACT", AT)
    demanded(referred, "DOCUMENTS", AT, "WORK")
    visit = appointed(referred, AT)
    given = answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
    paper = answers.add_document(referred.pk, "WORK", picture(), AT)
    late = AT + timedelta(hours=72)
    waits.end_due(late)
    assert walks.read(referred).state == State.CANCELLED
    assert set(Demand.objects.values_list("state", flat=True)) == {"LAPSED"}
    assert Visit.objects.get(pk=visit.pk).state == "CANCELLED"
    assert Contact.objects.get(pk=given.pk).keep_until == late
    retention.erase_due(late)
    assert Contact.objects.get(pk=given.pk).name is None
    assert Document.objects.get(pk=paper.pk).sealed is not None  # a month, for who asks why
    retention.erase_due(late + timedelta(days=30))
    assert Document.objects.get(pk=paper.pk).sealed is None
    with pytest.raises(papers.DocumentGone):
        papers.content(paper.pk, OPERATOR, "look", late)
    assert walks.broken() == {}


def test_a_visit_that_did_not_come_about_is_not_the_merchants_fault(paid: Order) -> None:
    demanded(paid, "VISIT", AT, "RESIDENCE")
    assert paid.waits_until is not None
    waits.end_due(paid.waits_until)
    ended = walks.read(paid)
    assert (ended.state, ended.reason) == (State.CANCELLED, "not_visited")
    assert not Event.objects.filter(kind="marked", subject_id=paid.merchant_id).exists()


def test_a_confirmed_report_meets_the_demand(referred: Order) -> None:
    visit = appointed(referred, AT)
    answers.report_visit(visit.pk, findings(visit), "agent:1", NOON)
    assert Demand.objects.get().state == "MET"
    approvals.approve(referred.pk, OPERATOR, NOON)
    assert walks.broken() == {}


@pytest.mark.parametrize("name", ["referred", "paid"])
def test_a_mismatch_is_refused_as_suspected_fraud_and_stops_the_person(staged: dict[str, int], name: str) -> None:
    order = Order.objects.get(pk=staged[name])
    visit = appointed(order, AT)
    answers.report_visit(visit.pk, findings(visit, RESIDENCE="MISMATCH"), "agent:1", NOON)
    ended = walks.read(order)
    assert ended.state == (State.REFUSED if name == "referred" else State.CANCELLED)
    assert ended.reason == "suspected_fraud"
    [stop] = stops.of(ended.customer)
    assert (stop.kind, stop.visit_number, bool(stop.id_index), bool(stop.phone_index)) == (
        "FRAUD", visit.number, True, True,
    )  # fmt: skip
    with pytest.raises(steps.CustomerBlocked):
        steps.require_trusted(ended.customer)
    make.drain(NOON)
    assert walks.broken() == {}


@pytest.mark.parametrize("index", ["phone", "id"])
def test_who_was_refused_for_a_mismatch_is_stopped_under_a_new_account_until_two_persons_lift_it(
    referred: Order, index: str
) -> None:
    visit = appointed(referred, AT)
    answers.report_visit(visit.pk, findings(visit, RESIDENCE="MISMATCH"), "agent:1", NOON)
    [stop] = stops.of(referred.customer)
    anew = make.customer(726)
    assert steps.is_trusted(anew)
    if index == "phone":  # the number went over to the new account
        User.objects.filter(pk=referred.customer.user_id).update(phone_index=None)
        User.objects.filter(pk=anew.user_id).update(phone_index=stop.phone_index)
    else:  # the old account gave its proof up, the new one proved the same person
        IdentityVerification.objects.filter(customer=referred.customer).update(id_index="")
        IdentityVerification.objects.filter(customer=anew).update(id_index=stop.id_index)
    anew = Customer.objects.select_related("user").get(pk=anew.pk)
    with pytest.raises(steps.CustomerBlocked):
        make.order(of=anew, at=NOON)
    assert not anew.orders.exists()
    asked_for = stops.ask_to_lift(anew, stop.pk, "the agent mistook the door", OPERATOR, NOON)
    with pytest.raises(second.SamePerson):
        stops.carry_out(asked_for.pk, OPERATOR, NOON)
    assert not steps.is_trusted(anew)
    stops.carry_out(asked_for.pk, "operator:99", NOON)
    assert steps.is_trusted(anew)


def test_a_doubtful_report_waits_for_a_person(referred: Order) -> None:
    visit = appointed(referred, AT)
    answers.report_visit(visit.pk, findings(visit, RESIDENCE="NOT_SHOWN"), "agent:1", NOON)
    assert Demand.objects.get().state == "OPEN"
    with pytest.raises(demands.StillDemanded):
        approvals.approve(referred.pk, OPERATOR, NOON)
    with pytest.raises(asked.GroundsMissing):
        answers.accept_report(referred.pk, "", OPERATOR, NOON)
    answers.accept_report(referred.pk, "the lease was sent as a picture", OPERATOR, NOON)
    approvals.approve(referred.pk, OPERATOR, NOON)


def test_no_report_no_acceptance(referred: Order) -> None:
    demanded(referred, "VISIT", AT, "RESIDENCE")
    with pytest.raises(answers.ReportMissing):
        answers.accept_report(referred.pk, "looks fine", OPERATOR, AT)


def test_who_declines_a_visit_loses_nothing_and_a_person_decides(referred: Order) -> None:
    appointed(referred, AT)
    answers.decline_visit(referred.pk, "I do not want strangers at home", AT)
    assert walks.read(referred).state == State.PLACED
    assert Demand.objects.get().state == "OPEN"
    assert demands.standing(referred)[0].who == "we"
    answers.waive(referred.pk, "VISIT", "a guarantor instead", OPERATOR, AT)
    approvals.approve(referred.pk, OPERATOR, AT)


def test_a_cancelled_order_calls_the_agent_off(referred: Order) -> None:
    visit = appointed(referred, AT)
    cancellations.cancel(referred.pk, f"customer:{referred.customer_id}", "by_customer", AT)
    assert Visit.objects.get(pk=visit.pk).state == "CANCELLED"
    assert walks.told(referred, "visit_cancelled") == 1
    with pytest.raises(visits.VisitClosed):
        doors.read(Visit.objects.get(pk=visit.pk), "agent:1", AT)
    assert walks.broken() == {}


def test_retention_over_and_not_gone_is_counted(referred: Order) -> None:
    demanded(referred, "CONTACT", AT)
    given = answers.name_contact(referred.pk, "CONTACT", CONTACT, AT)
    answers.review_contact(given.pk, "approve", "", OPERATOR, AT)
    assert walks.broken() == {}
    JobRun.objects.create(job="accounts.retention", day=AT.date(), started_at=AT, finished_at=AT)
    assert list(walks.broken().values()) == [1]
    retention.erase_due(AT)
    assert walks.broken() == {}
