"""Contacts, papers, guarantors and visits through the doors: the owner, the stranger, other roles, and what is told."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Contact, Document
from accounts.services import contacts
from core.models import Event
from credit.models import Demand
from notices.models import Message
from orders.models import Order
from orders.services import answers
from sandbox.services import sms
from tests import make, walks
from tests.evidence import CONTACT, agent, appointed, demanded, findings, picture, tomorrow
from visits.models import Visit, VisitComplaint
from visits.services import opinions, visits

pytestmark = pytest.mark.django_db
AT = make.AT
NOON = tomorrow(AT)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        person = make.customer(563)
        order = make.order(slug="mini-4", months=3, of=person)
        make.drain(AT)
        yield {"order": order.pk, "stranger": make.customer(563).user_id}


@pytest.fixture
def order(staged: dict[str, int]) -> Order:
    return Order.objects.select_related("customer__user").get(pk=staged["order"])


@pytest.fixture
def owner(order: Order) -> Client:
    client = Client()
    client.force_login(order.customer.user)
    return client


@pytest.fixture
def stranger(staged: dict[str, int]) -> Client:
    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(pk=staged["stranger"]))
    return client


def of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, order: Order, content: bytes, name: str = "work.jpg", kind: str = "WORK") -> Any:
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return client.post(f"/orders/{order.number}/documents/", {"kind": kind, "picture": file})


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with make.moment(AT):
        yield


def test_nothing_is_asked_so_there_is_no_page(owner: Client, order: Order) -> None:
    for name in ("contact", "guarantor", "documents", "visit"):
        assert owner.get(f"/orders/{order.number}/{name}/").status_code == 404
    assert "我们需要你提供" not in owner.get(f"/orders/{order.number}/").content.decode()


def test_the_customer_names_a_contact_and_sees_only_a_mask(owner: Client, order: Order) -> None:
    demanded(order, "CONTACT", AT)
    filled = {"name": CONTACT.name, "phone": CONTACT.phone, "relation": "PARENT", "consent": "on"}
    path = f"/orders/{order.number}/contact/"
    assert owner.post(path, {**filled, "consent": ""}).status_code == 422
    assert owner.post(path, {**filled, "phone": "12"}).status_code == 422
    assert owner.post(path, {**filled, "name": "x"}).status_code == 422
    assert not Contact.objects.exists()
    assert owner.post(path, filled).status_code == 303
    page = owner.get(path).content.decode()
    assert CONTACT.phone not in page
    assert "137****0001" in page


def test_ones_own_number_is_no_contact(owner: Client, order: Order) -> None:
    demanded(order, "CONTACT", AT)
    own = order.customer.user.phone.open(by="test", purpose="test", at=AT)
    filled = {"name": CONTACT.name, "phone": own, "relation": "PARENT", "consent": "on"}
    assert owner.post(f"/orders/{order.number}/contact/", filled).status_code == 422
    assert not Contact.objects.exists()


def test_a_stranger_finds_none_of_it_and_changes_nothing(stranger: Client, order: Order) -> None:
    demanded(order, "DOCUMENTS", AT, "WORK")
    paper = answers.add_document(order.pk, "WORK", picture(), AT)
    visit = appointed(order, AT)
    time = visit.times.earliest("pk").pk
    base = f"/orders/{order.number}"
    with walks.nothing_changes():
        for path in ("contact/", "guarantor/", "documents/", f"documents/{paper.pk}.jpg", "visit/", "visit/move/"):
            assert stranger.get(f"{base}/{path}").status_code == 404
        for path in (f"documents/{paper.pk}/back/", f"visit/times/{time}/", "visit/decline/", "visit/complain/"):
            assert stranger.post(f"{base}/{path}", {"text": "x", "reason": "x"}).status_code == 404
        assert upload(stranger, order, picture()).status_code == 404


def test_a_picture_is_kept_sealed_and_shown_to_its_owner_only_uncached(
    owner: Client, stranger: Client, order: Order
) -> None:
    demanded(order, "DOCUMENTS", AT, "WORK")
    assert upload(owner, order, picture(), "../../etc/passwd\r\nX: y.php").status_code == 303
    [paper] = Document.objects.all()
    assert paper.sealed is not None
    assert b"\xff\xd8\xff" not in bytes(paper.sealed)[:16]
    answer = owner.get(f"/orders/{order.number}/documents/{paper.pk}.jpg")
    assert Image.open(io.BytesIO(answer.content)).size == (640, 480)
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'inline; filename="{order.number}-{paper.pk}.jpg"'
    path = f"/desk/documents/{paper.pk}.jpg"
    operator = of(make.operator()).get(path)
    assert operator.status_code == 200
    assert "no-store" in operator["Cache-Control"]
    for other in (stranger, owner, of(make.merchant_member()), of(agent().user)):
        assert other.get(path).status_code == 404
    assert Client().get(path).status_code == 302
    readers = set(Event.objects.filter(kind="document_read").values_list("actor", flat=True))
    assert readers == {f"customer:{order.customer_id}", f"operator:{make.operator().pk}"}


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "空"), (b"%PDF-1.4", "JPEG"), (picture()[:-300], "损坏"), (b"\0" * 9_000_000, "8 MB")]
)
def test_a_bad_picture_is_refused_in_words_and_nothing_is_kept(
    owner: Client, order: Order, content: bytes, word: str
) -> None:
    demanded(order, "DOCUMENTS", AT, "WORK")
    answer = upload(owner, order, content)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not Document.objects.exists()


def test_a_picture_may_be_taken_back_until_it_was_looked_at(owner: Client, order: Order) -> None:
    demanded(order, "DOCUMENTS", AT, "WORK")
    paper = answers.add_document(order.pk, "WORK", picture(), AT)
    owner.post(f"/orders/{order.number}/documents/{paper.pk}/back/")
    assert Document.objects.get().sealed is None
    looked = answers.add_document(order.pk, "WORK", picture(), AT)
    answers.review_document(looked.pk, "accept", "", "operator:1", AT)
    owner.post(f"/orders/{order.number}/documents/{looked.pk}/back/")
    assert Document.objects.get(pk=looked.pk).sealed is not None


def test_a_reviewer_opens_a_contact_once_and_that_is_on_record(order: Order) -> None:
    demanded(order, "CONTACT", AT)
    given = answers.name_contact(order.pk, "CONTACT", CONTACT, AT)
    desk, path = of(make.operator()), f"/desk/contacts/{given.pk}/"
    assert CONTACT.phone not in desk.get(path).content.decode()
    before = Event.objects.filter(kind="unsealed").count()
    assert CONTACT.phone in desk.post(f"{path}open/").content.decode()
    logged = Event.objects.filter(kind="unsealed").order_by("-id")[
        : Event.objects.filter(kind="unsealed").count() - before
    ]
    assert {row.facts["purpose"] for row in logged} == {f"review of {order.number}"}
    assert {row.actor for row in logged} == {f"operator:{make.operator().pk}"}
    assert CONTACT.phone not in desk.get(path).content.decode()
    assert desk.post(path, {"verdict": "refuse", "grounds": ""}).status_code == 422
    assert desk.post(path, {"verdict": "approve", "grounds": ""}).status_code == 303
    assert Demand.objects.get().state == "MET"
    assert desk.post(f"{path}open/").status_code == 303  # the review is over: nobody reads it any more
    assert CONTACT.phone not in desk.get(path).content.decode()


def test_a_guarantor_agrees_himself_on_his_own_page_without_an_account(owner: Client, order: Order) -> None:
    demanded(order, "GUARANTOR", AT)
    owner.post(
        f"/orders/{order.number}/guarantor/",
        {"name": CONTACT.name, "phone": CONTACT.phone, "relation": "PARENT", "consent": "on"},
    )
    make.drain(AT)
    told = Message.objects.filter(channel="SMS", user=None).exclude(template="code")
    assert not told.exists()  # we write to nobody who did not ask
    named = Contact.objects.get()
    page = owner.get(f"/orders/{order.number}/guarantor/").content.decode()
    link = f"/guarantee/{contacts.link(named)}/"
    assert link in page
    guest = Client()
    assert CONTACT.phone not in guest.get(link).content.decode()
    assert guest.post(link, {"code": "000000", "consent": "on"}).status_code in (200, 422)
    assert Contact.objects.get().state == "NAMED"
    guest.post(f"{link}code/")
    make.drain(AT)
    code = sms.latest(CONTACT.phone).params["code"]
    other = Client()
    assert other.post(link, {"code": code, "consent": "on"}).status_code in (200, 422)  # not the browser that asked
    assert guest.post(link, {"code": code, "consent": ""}).status_code == 422
    assert Contact.objects.get().state == "NAMED"
    assert guest.post(link, {"code": code, "consent": "on"}).status_code == 303
    agreed = Contact.objects.get()
    assert (agreed.state, agreed.consented_at) == ("GIVEN", AT)


def test_a_forged_or_old_link_leads_nowhere(order: Order) -> None:
    demanded(order, "GUARANTOR", AT)
    named = answers.name_contact(order.pk, "GUARANTOR", CONTACT, AT)
    link = contacts.link(named)
    guest = Client()
    assert guest.get(f"/guarantee/{link}/").status_code == 200
    assert guest.get(f"/guarantee/{link[:-1]}x/").status_code == 404
    assert guest.post("/guarantee/1/code/").status_code == 404
    with make.moment(AT + timedelta(hours=73)):
        assert guest.get(f"/guarantee/{link}/").status_code == 404
    answers.name_contact(order.pk, "GUARANTOR", CONTACT, AT)  # another one is named: the first link is dead
    assert guest.get(f"/guarantee/{link}/").status_code == 404


def test_who_declines_is_forgotten(order: Order) -> None:
    demanded(order, "GUARANTOR", AT)
    named = answers.name_contact(order.pk, "GUARANTOR", CONTACT, AT)
    Client().post(f"/guarantee/{contacts.link(named)}/decline/")
    declined = Contact.objects.get()
    assert (declined.state, declined.keep_until) == ("DECLINED", AT)


def test_only_the_assigned_agent_sees_a_visit_and_only_until_its_report(order: Order) -> None:
    visit = appointed(order, AT)
    path = f"/desk/rounds/{visit.number}/"
    mine, other = of(agent().user), of(agent("agent-li", "李青").user)
    assert visit.number in mine.get("/desk/rounds/").content.decode()
    assert "科苑路" not in mine.get("/desk/rounds/").content.decode()
    assert "科苑路" in mine.get(path).content.decode()
    assert visit.number not in other.get("/desk/rounds/").content.decode()
    for client in (other, of(make.operator()), of(make.merchant_member()), of(order.customer.user)):
        assert client.get(path).status_code == 404
        assert client.post(f"{path}missed/").status_code == 404
    for elsewhere in ("/desk/", f"/desk/orders/{order.number}/", f"/desk/visits/{visit.number}/", "/desk/customers/"):
        assert mine.get(elsewhere).status_code == 404
    sheet = {"met": "1", "lives_there": "1", "remarks": "", "paper_ID_CARD": "MATCHES", "paper_RESIDENCE": "MATCHES"}
    assert mine.post(path, sheet).status_code == 422  # a day early
    with make.moment(NOON):
        mine = of(agent().user)  # who was idle for a day signs in again
        assert mine.post(path, {**sheet, "paper_RESIDENCE": ""}).status_code == 422
        assert mine.post(path, sheet).status_code == 303
        assert mine.get(path).status_code == 404
        assert visit.number not in mine.get("/desk/rounds/").content.decode()
    assert Visit.objects.get().state == "DONE"
    assert mine.get("/admin/").status_code == 302


def test_an_agent_who_left_or_was_replaced_sees_nothing(order: Order) -> None:
    visit = appointed(order, AT)
    client = of(agent().user)
    visits.assign(visit.pk, agent("agent-li", "李青").pk, "operator:1", AT)
    assert client.get(f"/desk/rounds/{visit.number}/").status_code == 404


def test_the_customer_chooses_moves_and_refuses(owner: Client, order: Order) -> None:
    demanded(order, "VISIT", AT, "RESIDENCE")
    visit = Visit.objects.get()
    visits.assign(visit.pk, agent().pk, "operator:1", AT)
    visits.propose(visit.pk, [tomorrow(AT), tomorrow(AT, 18)], "operator:1", AT)
    base = f"/orders/{order.number}/visit"
    assert "王海" in owner.get(f"{base}/").content.decode()
    owner.post(f"{base}/times/{visit.times.latest('pk').pk}/")
    assert Visit.objects.get().starts_at == tomorrow(AT, 18)
    owner.post(f"{base}/move/", {"wish": "周末上午"})
    moved = Visit.objects.get()
    assert (moved.state, moved.wish, moved.moves) == ("REQUESTED", "周末上午", 1)
    owner.post(f"{base}/decline/", {"reason": ""})
    assert Visit.objects.get().state == "DECLINED"
    assert Demand.objects.get().state == "OPEN"


def test_stars_once_and_a_complaint_opens_a_case(owner: Client, order: Order) -> None:
    visit = appointed(order, AT)
    base = f"/orders/{order.number}/visit"
    assert owner.post(f"{base}/rate/", {"stars": "5"}).status_code == 422  # not done yet
    answers.report_visit(visit.pk, findings(visit), "agent:1", NOON)
    owner.post(f"{base}/rate/", {"stars": "2", "note": "迟到"})
    assert owner.post(f"{base}/rate/", {"stars": "5"}).status_code == 422
    assert Visit.objects.get().stars == 2
    owner.post(f"{base}/complain/", {"text": "他拍了照"})
    case = VisitComplaint.objects.get()
    assert list(opinions.open_complaints()) == [case]
    desk = of(make.operator())
    assert "他拍了照" in desk.get("/desk/queues/complaints/").content.decode()
    desk.post(f"/desk/complaints/{case.pk}/", {"text": "已核实并处理"})
    assert "已核实并处理" in owner.get(f"{base}/").content.decode()
    assert walks.told(order, "visit_complaint_answered") == 1


def test_the_desk_arranges_a_visit(order: Order) -> None:
    demanded(order, "VISIT", AT, "RESIDENCE")
    number = Visit.objects.get().number
    desk, who = of(make.operator()), agent()
    path = f"/desk/visits/{number}/"
    assert desk.post(f"{path}propose/", {"first": "2026-03-03T15:00"}).status_code == 422  # nobody assigned
    desk.post(f"{path}assign/", {"agent": who.pk})
    assert desk.post(f"{path}propose/", {"first": "2026-03-03T22:30"}).status_code == 422
    assert desk.post(f"{path}propose/", {"first": "2026-03-02T11:00"}).status_code == 422  # within two hours
    assert desk.post(f"{path}phone/", {"starts_at": "2026-03-03T07:30"}).status_code == 422
    desk.post(f"{path}propose/", {"first": "2026-03-03T15:00", "second": "2026-03-03T18:00"})
    assert Visit.objects.get().state == "PROPOSED"
    desk.post(f"{path}phone/", {"starts_at": "2026-03-04T10:00"})
    assert Visit.objects.get().state == "AGREED"


def test_a_reviewer_asks_and_does_without(order: Order) -> None:
    desk, base = of(make.operator()), f"/desk/orders/{order.number}"
    assert desk.post(f"{base}/demand/", {"kind": "DOCUMENTS", "grounds": "x"}).status_code == 422
    desk.post(f"{base}/demand/", {"kind": "DOCUMENTS", "grounds": "工作存疑", "DOCUMENTS_WORK": "on"})
    assert Demand.objects.get().wanted == ["WORK"]
    assert f"{base}/approve/" not in desk.get(f"{base}/").content.decode()
    assert desk.get(f"{base}/approve/").status_code == 409
    desk.post(f"{base}/waive/", {"kind": "DOCUMENTS", "grounds": "已电话核实"})
    assert Demand.objects.get().state == "WAIVED"
    assert f"{base}/approve/" in desk.get(f"{base}/").content.decode()
