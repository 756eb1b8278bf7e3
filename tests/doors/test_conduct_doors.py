"""The conduct rules, each tried through every door (domain.md §9): the desk, the admin, a task, the shell and raw SQL.

That an SMS leaves by one function, and who may open a number at all, is told by the code itself:
tests/services/test_messages.py, tests/architecture/test_who_opens_a_phone.py.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Address, Contact, Customer, Standstill
from accounts.services import addresses, contacts
from accounts.services.standstills import Event
from arrears.models import CollectionCase, DemandLetter, HardshipRequest
from arrears.services import cases, hardship, home_visits, letters, reaching
from billing.models import ExtensionPlan
from billing.rules.extension import Terms
from billing.services import extensions as plans
from core import calendar, jobs
from core.errors import DomainError
from core.models import OutboxMessage
from desk import customers as people
from integrations import registry
from notices.models import Message, PhoneCall, Wording
from notices.services import calls, messages
from notices.tasks import send as send_task
from orders.models import State
from orders.services import answers, standstills, terminations
from tests import evidence, make, walks
from visits.models import Visit

pytestmark = pytest.mark.django_db
NOON = calendar.instant(calendar.business_date(make.AT) + timedelta(days=40), 12)
NIGHT = calendar.instant(calendar.business_date(NOON), 23)
Broken = Callable[[CollectionCase], datetime]


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        cases.open_due(calendar.business_date(NOON), NOON)
        yield CollectionCase.objects.get(lease=order.lease).pk


def at_night(case: CollectionCase) -> datetime:
    return NIGHT


def after_six_dials(case: CollectionCase) -> datetime:
    return _after(case, 6, 0)


def after_three_conversations(case: CollectionCase) -> datetime:
    return _after(case, 3, 30)


def _after(case: CollectionCase, times: int, seconds: int) -> datetime:
    for minute in range(times):
        at = NOON - timedelta(minutes=30 - minute)
        call = cases.dial(case.pk, "operator:other", at).call
        cases.hang_up(case.pk, call.pk, seconds, "", "operator:other", at)
    return NOON


def desk(case: CollectionCase, at: datetime) -> None:
    with make.moment(at):
        client = Client()
        client.force_login(make.operator())
        page = client.post(reverse("desk:case_dial", args=[case.number]))
        assert page.status_code == 303
        assert "Show the number" not in client.get(reverse("desk:case", args=[case.number])).content.decode()


def reveal(case: CollectionCase, at: datetime) -> None:
    """The customer's own page at the desk: it gives no number and no address, says why, and leads to the case."""
    phone = make.phone_of(case.customer, at)
    with make.moment(at):
        client = Client()
        client.force_login(make.operator())
        for fact in ("phone", "email"):
            asked = {"fact": fact, "reason": "call about the rent"}
            answer = client.post(reverse("desk:reveal", args=[case.customer.number]), asked)
            assert (answer.status_code, "revealed" in answer.context) == (422, False)
            page = answer.content.decode()
            assert phone not in page
            assert reverse("desk:case", args=[case.number]) in page


def admin(case: CollectionCase, at: datetime) -> None:
    """A superuser there adds a call, makes one shorter, moves it to another day, removes it: the rows stay, the guard
    goes on refusing, and no page prints the number."""
    phone, kept = make.phone_of(case.customer, at), list(PhoneCall.objects.order_by("pk").values())
    client = Client()
    client.force_login(make.operator())
    before = at - timedelta(days=1)
    typed = {
        "user": case.customer.user_id, "caller": "operator:1", "subject": case.subject, "seconds": "0",
        "dialled_at_0": f"{before:%Y-%m-%d}", "dialled_at_1": "12:00:00", "lapsed_at_0": "", "lapsed_at_1": "",
    }  # fmt: skip
    with make.moment(at):
        client.post(reverse("admin:notices_phonecall_add"), typed)
        for row in kept:
            client.post(reverse("admin:notices_phonecall_change", args=[row["id"]]), typed)
            client.post(reverse("admin:notices_phonecall_delete", args=[row["id"]]), {"post": "yes"})
            all_of_them = {"action": "delete_selected", "_selected_action": [row["id"]], "post": "yes"}
            client.post(reverse("admin:notices_phonecall_changelist"), all_of_them)
        for table, pk in (
            ("accounts_user", case.customer.user_id), ("accounts_customer", case.customer_id),
            ("arrears_collectioncase", case.pk),
        ):  # fmt: skip
            page = client.get(reverse(f"admin:{table}_change", args=[pk]))
            assert (page.status_code, phone in page.content.decode()) == (200, False)
    assert list(PhoneCall.objects.order_by("pk").values()) == kept
    shell(case, at)


def shell(case: CollectionCase, at: datetime) -> None:
    with pytest.raises(calls.MayNotCall):
        calls.dial(case.customer.user, caller="shell", subject="other", purpose="x", at=at)


def orm(case: CollectionCase, at: datetime) -> None:
    """Past every service: the database counts too."""
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneCall.objects.create(user=case.customer.user, caller="shell", subject="other", dialled_at=at)


def raw_sql(case: CollectionCase, at: datetime) -> None:
    insert = "INSERT INTO notices_phonecall (user_id, caller, subject, note, dialled_at) VALUES (%s, 'x', 'x', '', %s)"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, (case.customer.user_id, at))


@pytest.mark.parametrize("broken", [at_night, after_six_dials, after_three_conversations])
@pytest.mark.parametrize("door", [desk, reveal, admin, shell, orm, raw_sql])
def test_no_door_leads_past_a_rule(staged: int, broken: Broken, door: Callable[..., None]) -> None:
    case = CollectionCase.objects.select_related("customer__user").get(pk=staged)
    at = broken(case)
    made = PhoneCall.objects.count()
    door(case, at)
    assert PhoneCall.objects.count() == made


def by_relief(case: CollectionCase) -> type[DomainError]:
    hardship.ask(case.lease_id, "in hospital", None, f"customer:{case.customer_id}", NOON - timedelta(hours=1))
    return cases.HardshipFirst


def by_a_pause(case: CollectionCase) -> type[DomainError]:
    """Nobody answered what he asked ten days ago."""
    hardship.ask(case.lease_id, "in hospital", None, f"customer:{case.customer_id}", NOON - timedelta(days=10))
    assert hardship.keep_promises(calendar.business_date(NOON), NOON)["pauses granted"] == 1
    return cases.PauseGranted


def by_a_plan(case: CollectionCase) -> type[DomainError]:
    on = calendar.business_date(NOON)
    due = tuple(plans.choosable(case.lease_id, on).values_list("number", flat=True))
    terms = Terms(due, 2, on + timedelta(days=7))
    plans.begin(case.lease_id, terms, plans.preview(case.lease_id, terms, on).proposal.total, on, NOON)
    return cases.PlanKept


def nothing_is_asked(act: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match="keeps a plan"), transaction.atomic():
        act()


def past_the_services(case: CollectionCase, door: Address) -> None:
    """The general function for calls, and rows as the shell makes them."""
    user, day = case.customer.user, calendar.business_date(NOON)
    nothing_is_asked(lambda: calls.dial(user, caller="shell", subject=case.subject, purpose="x", at=NOON))
    nothing_is_asked(
        lambda: DemandLetter.objects.create(
            number="DL1",
            case=case,
            amount=1,
            cure_until=day + timedelta(days=15),
            sha256="0" * 64,
            issued_by="shell",
            issued_at=NOON,
        )
    )
    nothing_is_asked(
        lambda: Visit.objects.create(
            number="V1",
            customer=case.customer,
            purpose="COLLECTION",
            order_number=case.lease.number,
            address=door,
            requested_at=NOON,
        )
    )


@pytest.mark.parametrize("stopped", [by_relief, by_a_pause, by_a_plan])
def test_who_is_to_be_left_in_peace_is_left_by_every_door(
    staged: int, stopped: Callable[[CollectionCase], type[DomainError]]
) -> None:
    """A call, a letter, a visit: the desk shows no way, the services refuse, and so does the database for the rest."""
    case = CollectionCase.objects.select_related("customer__user", "lease__order").get(pk=staged)
    reason = stopped(case)
    rows = (PhoneCall, DemandLetter, Visit)
    before = [kind._default_manager.count() for kind in rows]
    with make.moment(NOON):
        client = Client()
        client.force_login(make.operator())
        client.post(reverse("desk:case_dial", args=[case.number]))
        for verb, typed in (("demand", {"is_sure": "on"}), ("visit", {"address": "1"})):
            assert client.post(reverse("desk:case_act", args=[case.number, verb]), typed).status_code == 422
        page = client.get(reverse("desk:case", args=[case.number])).content.decode()
        assert reverse("desk:case_dial", args=[case.number]) not in page
    with pytest.raises(reason):
        cases.dial(case.pk, "shell", NOON)
    with pytest.raises(reason):
        letters.issue(case.pk, "shell", NOON)
    phone = make.phone_of(case.customer, NOON)
    door = addresses.add(case.customer, make.NAME, phone, "广东省深圳市", "科苑路 1 号", NOON)
    with pytest.raises(reason):
        home_visits.ask(case.pk, door, "shell", NOON)
    with pytest.raises(DomainError):
        terminations.propose(case.lease.order, "shell", "operator:1", NOON)
    past_the_services(case, door)
    assert [kind._default_manager.count() for kind in rows] == before


@pytest.mark.parametrize("stopped", [by_relief, by_a_pause, by_a_plan])
def test_who_is_to_be_left_in_peace_is_left_by_admin_and_night_too(
    staged: int, stopped: Callable[[CollectionCase], type[DomainError]]
) -> None:
    """The admin adds nothing of the kind and ends neither request nor plan, and no job of the day asks anything."""
    case = CollectionCase.objects.select_related("customer").get(pk=staged)
    reason = stopped(case)
    rows = (PhoneCall, DemandLetter, Visit)
    before = [kind._default_manager.count() for kind in rows]
    client = Client()
    client.force_login(make.operator())
    typed = {"user": case.customer.user_id, "customer": case.customer_id, "case": case.pk, "purpose": "COLLECTION"}
    for table in ("notices_phonecall", "visits_visit", "arrears_collectioncase"):
        client.post(reverse(f"admin:{table}_add"), typed)
    for row in (*HardshipRequest.objects.all(), *ExtensionPlan.objects.all()):
        address = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        ended = {"state": "ANSWERED", "answer_text": "no", "lease": case.lease_id, "customer": case.customer_id}
        for verb in ("change", "delete"):
            try:
                client.post(reverse(f"{address}_{verb}", args=[row.pk]), {**ended, "post": "yes"})
            except NoReverseMatch:  # not in the admin at all
                continue
    with make.moment(NOON):
        jobs.run_day(calendar.business_date(NOON), NOON)
    assert [kind._default_manager.count() for kind in rows] == before
    with pytest.raises((reason, cases.CaseClosed)):  # the day closed the case of who keeps a plan
        cases.dial(case.pk, "shell", NOON)
    with pytest.raises(reason):
        people.reveal(case.customer, "phone", "call about the rent", "operator:1", NOON)


def test_with_a_case_the_number_comes_by_its_call_alone_and_without_one_by_day_for_a_reason(staged: int) -> None:
    """At noon, with nothing against a call: the customer's page still leads to the case, whose call is counted."""
    case = CollectionCase.objects.select_related("customer__user").get(pk=staged)
    reveal(case, NOON)
    assert not PhoneCall.objects.exists()
    other = make.customer(at=NOON)
    with pytest.raises(calls.MayNotCall):
        people.reveal(other, "phone", "a parcel", "operator:1", NIGHT)
    assert people.reveal(other, "phone", "a parcel", "operator:1", NOON) == make.phone_of(other, NOON)
    assert people.reveal(case.customer, "name", "to compare", "operator:1", NIGHT) == make.NAME


def test_after_a_death_no_page_gives_a_way_to_reach_anybody(staged: int) -> None:
    case = CollectionCase.objects.select_related("customer__user").get(pk=staged)
    contact = named(case)
    happened = Event(Standstill.Kind.DEATH, calendar.business_date(NOON), "the daughter told us")
    standstills.record(case.customer, happened, evidence.picture(), "operator:1", NOON)
    customer = Customer.objects.select_related("user").get(pk=case.customer_id)
    for fact in ("phone", "email"):
        with pytest.raises(calls.LeftInPeace):
            people.reveal(customer, fact, "the heirs", "operator:1", NOON)
    with pytest.raises(reaching.NobodyElse):
        answers.read_contact(contact.pk, "operator:1", NOON)
    client = Client()
    client.force_login(make.operator())
    user = customer.user
    typed = {"login": user.login, "kind": user.kind, "language": user.language, "is_active": "on", "in_peace_since": ""}
    client.post(reverse("admin:accounts_user_change", args=[user.pk]), typed)
    assert Customer.objects.get(pk=customer.pk).user.in_peace_since == calendar.business_date(NOON)


def named(case: CollectionCase) -> Contact:
    """Somebody whom the customer named, for the review of another order."""
    return contacts.name(case.customer, "XO-1", Contact.Kind.EMERGENCY, evidence.CONTACT, NOON)


def test_no_third_party_by_any_door(staged: int) -> None:
    """Whom the customer named is neither read, nor visited, nor written to, nor put in his place, by desk or admin."""
    case = CollectionCase.objects.select_related("customer__user").get(pk=staged)
    contact, user = named(case), case.customer.user
    door = make.address(make.customer(at=make.AT))
    own = user.phone_index
    with make.moment(NOON):
        client = Client()
        client.force_login(make.operator())
        client.post("/language/", {"language": "en", "next": "/"})
        answer = client.post(reverse("desk:contact_open", args=[contact.pk]), follow=True).content.decode()
        assert "nobody else of his is reached" in answer
        visit = client.post(reverse("desk:case_act", args=[case.number, "visit"]), {"address": door.pk})
        assert visit.status_code == 422
        typed = {"login": user.login, "kind": user.kind, "language": user.language, "is_active": "on"}
        theirs = {**typed, "phone": evidence.CONTACT.phone, "masked_phone": evidence.CONTACT.phone}
        client.post(reverse("admin:accounts_user_change", args=[user.pk]), theirs)
        pages = [
            answer, *(client.get(reverse(f"admin:accounts_{table}_change", args=[pk])).content.decode()
                      for table, pk in (("contact", contact.pk), ("customer", case.customer_id), ("user", user.pk))),
        ]  # fmt: skip
        client.post(reverse("admin:accounts_contact_change", args=[contact.pk]), {"customer": case.customer_id})
        told = {
            "user": user.pk,
            "channel": "SMS",
            "template": "bill_overdue",
            "step": "x",
            "phone": evidence.CONTACT.phone,
        }
        client.post(reverse("admin:notices_message_add"), told)
        words = {"event": "bill_overdue", "channel": "IN_APP", "language": "zh-hans", "is_read": "on"}
        added = client.post(reverse("admin:notices_wording_add"), {**words, "text": "欠 ${amount} 元，否则通知家人。"})
        assert added.status_code == 200  # comes back with what is wrong
    assert not any(evidence.CONTACT.phone in page or evidence.CONTACT.name in page for page in pages)
    assert type(user)._default_manager.get(pk=user.pk).phone_index == own
    assert not Message.objects.filter(step="x").exists()
    assert not Wording.objects.filter(text__contains="家人").exists()
    assert not Visit.objects.exists()


@pytest.mark.parametrize("template", ["bill_overdue", "order_shipped"])
def test_no_task_sends_at_night_what_can_wait(staged: int, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queued by day, taken up by a worker at 23:00: it waits for the morning, a reminder for ten."""
    monkeypatch.setattr(registry, "sms", lambda: pytest.fail("nothing may leave at night"))
    user = CollectionCase.objects.get(pk=staged).customer.user
    params = {"amount": "1.00", "lease": "L", "number": "1", "due": "2026-12-01", "order": "O", "waybill": "W"}
    messages.inform(user, template, params, step="conduct", at=NOON)
    row = Message.objects.get(step="conduct", channel="SMS")
    with make.moment(NIGHT):
        asked = OutboxMessage.objects.filter(topic="message.queued", payload__message_id=row.pk).get()
        send_task(asked.pk, asked.payload)
    row = Message.objects.get(pk=row.pk)
    assert (row.state, calendar.instant(calendar.business_date(NIGHT) + timedelta(days=1), 8) <= row.not_before) == (
        "QUEUED", True,
    )  # fmt: skip
