"""What people type, press twice, or leave out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import IdentityVerification, OneTimeCode, User
from accounts.services import consents
from billing.models import Payment
from catalog.models import LeasePlan
from contracts.models import Agreement
from core import calendar
from orders.models import Order, State
from orders.services import checkout
from sandbox.services import sms
from tests import make

pytestmark = pytest.mark.django_db

SIGN_IN, CODE = "/sign-in/", "/sign-in/code/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent_code(client: Client, typed: str, number: str) -> str:
    with make.moment(make.AT):
        assert client.post(SIGN_IN, {"phone": typed}).status_code == 303
    make.drain(make.AT)
    return str(sms.latest(number).params["code"])


@pytest.mark.parametrize("typed", ["13900002222", "+86 139 0000 2222", "１３９００００２２２２", "139-0000-2222"])
def test_a_number_is_understood_however_it_is_typed(typed: str) -> None:
    client = Client()
    code = sent_code(client, typed, "13900002222")
    with make.moment(make.AT):
        assert client.post(f"{CODE}?next=/devices/", {"code": code}).headers["Location"] == "/devices/"
        assert client.get("/my/").status_code == 200


@pytest.mark.parametrize("typed", ["", "12345", "13900002222x", "+1 555 0100", "' OR 1=1 --", "1" * 31])
def test_what_is_no_number_is_said_so_and_nothing_is_sent(typed: str) -> None:
    with make.moment(make.AT):
        answer = Client().post(SIGN_IN, {"phone": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not OneTimeCode.objects.exists()


def test_a_wrong_code_signs_nobody_in_and_the_right_one_still_does() -> None:
    client = Client()
    code = sent_code(client, "13900002222", "13900002222")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with make.moment(make.AT):
        assert client.post(CODE, {"code": wrong}).status_code == 422
        assert client.get("/my/").status_code == 302
        assert client.post(CODE, {"code": code}).status_code == 303
        assert client.get("/my/").status_code == 200


def test_after_five_wrong_codes_the_right_one_is_refused() -> None:
    client = Client()
    code = sent_code(client, "13900002222", "13900002222")
    with make.moment(make.AT):
        for _ in range(5):
            client.post(CODE, {"code": f"{(int(code) + 1) % 10**6:06d}"})
        assert client.post(CODE, {"code": code}).status_code == 422
    assert not User.objects.exists()


def test_another_browser_cannot_use_up_the_owner_s_code() -> None:
    owner, stranger = Client(), Client()
    code = sent_code(owner, "13900002222", "13900002222")
    with make.moment(make.AT):
        answer = stranger.post(SIGN_IN, {"phone": "13900002222"})
        assert answer.status_code == 422  # a code was just sent, and not to this browser
        for _ in range(6):
            assert stranger.post(CODE, {"code": code}).headers["Location"].startswith(SIGN_IN)
    with make.moment(make.AT + timedelta(minutes=1)):
        assert stranger.post(SIGN_IN, {"phone": "13900002222"}).status_code == 303
        for _ in range(6):
            assert stranger.post(CODE, {"code": f"{(int(code) + 1) % 10**6:06d}"}).status_code == 422
        assert owner.post(CODE, {"code": code}).status_code == 303
        assert owner.get("/my/").status_code == 200
        assert stranger.get("/my/").status_code == 302


def test_asking_twice_within_a_minute_leads_on_to_the_code() -> None:
    client = Client()
    code = sent_code(client, "13900002222", "13900002222")
    with make.moment(make.AT):
        assert client.post(SIGN_IN, {"phone": "139 0000 2222"}).status_code == 303
        assert client.post(CODE, {"code": code}).status_code == 303
    assert OneTimeCode.objects.count() == 1


def test_the_code_page_without_a_phone_leads_back() -> None:
    assert Client().get(CODE).headers["Location"].startswith(SIGN_IN)


def test_the_phone_lies_sealed_in_the_session() -> None:
    client = Client()
    sent_code(client, "13900002222", "13900002222")
    assert "13900002222" not in str(dict(client.session.items()))


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(wanted: str) -> None:
    client = Client()
    code = sent_code(client, "13900002222", "13900002222")
    with make.moment(make.AT):
        assert client.post(CODE, {"code": code, "next": wanted}).headers["Location"] == "/"


def test_signing_out_forgets_who_it_was() -> None:
    client = client_of(make.signed_up().user)
    client.post(reverse("storefront:sign_out"))
    assert client.get("/my/").status_code == 302


@pytest.mark.parametrize(
    ("name", "number", "consent"),
    [("", "11010519491231002X", "on"), ("林晓", "110105194912310021", "on"), ("林晓", "11010519491231002X", "")],
)
def test_an_identity_is_asked_about_only_when_all_is_well_formed(name: str, number: str, consent: str) -> None:
    client = client_of(make.signed_up().user)
    with make.moment(make.AT):
        answer = client.post("/my/identity/", {"name": name, "id_number": number, "consent": consent})
    assert answer.status_code == 422
    assert not IdentityVerification.objects.exists()


def test_pressing_twice_asks_the_registers_once() -> None:
    client = client_of(make.signed_up().user)
    form = {"name": "林晓", "id_number": make.id_number(), "consent": "on"}
    with make.moment(make.AT):
        answers = [client.post("/my/identity/", form).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert IdentityVerification.objects.count() == 1


@pytest.fixture
def offer() -> LeasePlan:
    return make.plan()


def order_form(client: Client, offer: LeasePlan) -> dict[str, str]:
    customer = User.objects.get(pk=client.session["_auth_user_id"]).customer
    cost = checkout.quote(customer, offer, 12, calendar.business_date(make.AT))
    address = make.address(customer)
    return {"address": str(address.pk), "digest": cost.digest, "request_key": str(uuid4())}


def test_pressing_twice_orders_once(offer: LeasePlan) -> None:
    client = client_of(make.customer().user)
    form = order_form(client, offer)
    with make.moment(make.AT):
        first = client.post(f"/checkout/{offer.pk}/?months=12", form)
        second = client.post(f"/checkout/{offer.pk}/?months=12", form)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1


def test_figures_that_changed_meanwhile_are_shown_again_and_nothing_is_ordered(offer: LeasePlan) -> None:
    client = client_of(make.customer().user)
    form = order_form(client, offer) | {"digest": "0" * 32}
    with make.moment(make.AT):
        answer = client.post(f"/checkout/{offer.pk}/?months=12", form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert "0" * 32 not in answer.content.decode()  # the new table carries its own digest
    assert not Order.objects.exists()


def test_another_customers_address_is_not_found(offer: LeasePlan) -> None:
    client = client_of(make.customer().user)
    theirs = make.address(make.signed_up())
    form = order_form(client, offer) | {"address": str(theirs.pk)}
    with make.moment(make.AT):
        assert client.post(f"/checkout/{offer.pk}/?months=12", form).status_code == 404
    assert not Order.objects.exists()


@pytest.mark.parametrize("broken", ["address", "digest", "request_key"])
def test_an_order_form_with_a_part_missing_orders_nothing(offer: LeasePlan, broken: str) -> None:
    client = client_of(make.customer().user)
    form = order_form(client, offer) | {broken: "nonsense" * 30}
    with make.moment(make.AT):
        assert client.post(f"/checkout/{offer.pk}/?months=12", form).status_code == 422
    assert not Order.objects.exists()


def test_without_a_proved_identity_nothing_is_ordered(offer: LeasePlan) -> None:
    client = client_of(make.signed_up().user)
    form = order_form(client, offer)
    with make.moment(make.AT):
        assert client.post(f"/checkout/{offer.pk}/?months=12", form).status_code == 422
    assert not Order.objects.exists()


@pytest.mark.parametrize("field", ["consignee", "phone", "region", "street"])
def test_an_incomplete_address_is_sent_back_with_what_was_typed(offer: LeasePlan, field: str) -> None:
    client = client_of(make.signed_up().user)
    whole = {"consignee": "林晓", "phone": "13900000000", "region": "广东省深圳市", "street": "科苑路 15 号"}
    typed = whole | {field: " "}
    with make.moment(make.AT):
        answer = client.post(f"/checkout/{offer.pk}/address/", typed)
    assert answer.status_code == 422
    assert all(text in answer.content.decode() for text in typed.values() if text.strip())


def signing_code(client: Client, order: Order, confirmed: list[str]) -> tuple[str, str]:
    with make.moment(make.AT):
        page = client.post(f"/orders/{order.number}/agreement/code/", {"confirmed": confirmed}).content.decode()
    make.drain(make.AT)
    phone = order.customer.user.phone.open(by="test", purpose="test", at=make.AT)
    return sms.latest(phone).params["code"], page


def test_signing_needs_every_point_confirmed_and_keeps_what_was_ticked() -> None:
    order = make.order(State.APPROVED)
    client = client_of(order.customer.user)
    code, page = signing_code(client, order, ["RENT", "DEPOSIT"])
    assert page.count(" checked") == 2
    with make.moment(make.AT):
        answer = client.post(
            f"/orders/{order.number}/agreement/sign/", {"confirmed": ["RENT", "DEPOSIT"], "code": code}
        )
    assert answer.status_code == 422
    assert answer.content.decode().count(" checked") == 2
    assert Agreement.objects.get().state == Agreement.State.READY


def test_nothing_is_ticked_beforehand() -> None:
    order = make.order(State.APPROVED)
    with make.moment(make.AT):
        page = client_of(order.customer.user).get(f"/orders/{order.number}/agreement/sign/").content.decode()
    assert page.count('name="confirmed"') >= 6
    assert " checked" not in page


def test_a_wrong_signing_code_signs_nothing() -> None:
    order = make.order(State.APPROVED)
    client = client_of(order.customer.user)
    code, page = signing_code(client, order, [])
    ticked = [part.split('"')[0] for part in page.split('name="confirmed" value="')[1:]]
    form = {"confirmed": ticked, "code": f"{(int(code) + 1) % 10**6:06d}"}
    with make.moment(make.AT):
        assert client.post(f"/orders/{order.number}/agreement/sign/", form).status_code == 422
    assert Agreement.objects.get().state == Agreement.State.READY


def test_paying_before_signing_leads_nowhere() -> None:
    order = make.order(State.APPROVED)
    client = client_of(order.customer.user)
    with make.moment(make.AT):
        answer = client.post(f"/orders/{order.number}/pay/rent/", follow=True)
        assert client.post(f"/orders/{order.number}/pay/deposit/").status_code == 303
    assert answer.redirect_chain[-1][0] == f"/orders/{order.number}/"
    assert not Payment.objects.exists()


def test_pressing_pay_twice_continues_the_same_attempt() -> None:
    order = make.order(State.SIGNED)
    client = client_of(order.customer.user)
    with make.moment(make.AT):
        first = client.post(f"/orders/{order.number}/pay/rent/").headers["Location"]
        second = client.post(f"/orders/{order.number}/pay/rent/").headers["Location"]
    assert "/cashier/" in first or "gateway" in first
    assert first.split("&sign=")[0] == second.split("&sign=")[0]
    assert Payment.objects.count() == 1


def chosen(client: Client, order: Order, *bills: object) -> str:
    with make.moment(make.AT):
        answer = client.post(f"/leases/{order.number}/pay/", {"bill": bills})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_other_bills_than_those_under_way_are_refused_with_the_amount_and_the_way_to_go_on() -> None:
    order = make.order(State.ACTIVE)
    client = client_of(order.customer.user)
    chosen(client, order, 4)
    payment = Payment.objects.get(state=Payment.State.OPEN)
    for others in ((4, 5, 6), (4, 5), (6, 4)):
        assert chosen(client, order, *others) == f"/payments/{payment.number}/"
    assert Payment.objects.filter(state=Payment.State.OPEN).count() == 1
    with make.moment(make.AT):
        page = client.get(f"/payments/{payment.number}/").content.decode()
    assert page.count(f"¥{payment.amount:,.2f}") >= 1
    assert f'action="/leases/{order.number}/pay/"' in page


def test_the_very_bills_under_way_continue_their_payment() -> None:
    order = make.order(State.ACTIVE)
    client = client_of(order.customer.user)
    first, second = chosen(client, order, 4, 5), chosen(client, order, 5, 4)
    assert first.split("&sign=")[0] == second.split("&sign=")[0]
    assert not second.startswith("/payments/")
    assert Payment.objects.filter(state=Payment.State.OPEN).count() == 1


@pytest.mark.parametrize("typed", ["9" * 5000, "0", "1e3", "٣", "99999", "", "1\0"])
def test_what_is_no_bills_number_chooses_none(typed: str) -> None:
    order = make.order(State.ACTIVE)
    assert chosen(client_of(order.customer.user), order, typed) == f"/leases/{order.number}/pay/"
    assert not Payment.objects.filter(state=Payment.State.OPEN).exists()


def test_coming_back_without_having_paid_changes_nothing() -> None:
    order = make.order(State.SIGNED)
    client = client_of(order.customer.user)
    with make.moment(make.AT):
        client.post(f"/orders/{order.number}/pay/rent/")
        payment = Payment.objects.get()
        page = client.get(f"/payments/{payment.number}/?trade_status=TRADE_SUCCESS")
        assert client.get(f"/orders/{order.number}/paid/").status_code == 200
    assert 'http-equiv="refresh"' in page.content.decode()
    assert Payment.objects.get().state == Payment.State.OPEN
    assert Order.objects.get().state == State.SIGNED


def test_cancelling_says_what_it_does_and_does_it_on_post_only() -> None:
    order = make.order(State.SIGNED)
    client = client_of(order.customer.user)
    with make.moment(make.AT):
        assert client.get(f"/orders/{order.number}/cancel/").status_code == 200
        assert Order.objects.get().state == State.SIGNED
        assert client.post(f"/orders/{order.number}/cancel/").status_code == 303
        assert client.post(f"/orders/{order.number}/cancel/").status_code == 422
    assert Order.objects.get().state == State.CANCELLED


def test_a_step_that_is_not_open_leads_back_to_the_order() -> None:
    order = make.order(State.PLACED)
    client = client_of(order.customer.user)
    with make.moment(make.AT):
        for step in ("confirm", "return", "hand-over", "withdraw"):
            assert client.get(f"/orders/{order.number}/{step}/").status_code == 303
        assert client.get(f"/orders/{order.number}/approve/").status_code == 404
        assert client.post(f"/orders/{order.number}/approve/").status_code == 404
    assert Order.objects.get().state == State.PLACED


def test_a_consent_is_taken_back_once_and_only_by_its_giver() -> None:
    mine, theirs = make.verified(), make.verified()
    with make.moment(make.AT):
        client_of(mine.user).post("/my/permissions/", {"purpose": "identity"})
        again = client_of(mine.user).post("/my/permissions/", {"purpose": "identity"})
    assert again.status_code == 303
    assert not consents.stands(mine, "identity")
    assert consents.stands(theirs, "identity")


def test_an_order_that_a_person_must_review_says_so_and_does_not_reload() -> None:
    order = make.order(of=make.customer(score=560))
    with make.moment(make.AT):
        page = client_of(order.customer.user).get(f"/orders/{order.number}/").content.decode()
    assert order.decision is not None
    assert order.decision.outcome == "REFER"
    assert "http-equiv" not in page


def test_the_language_switch_also_holds_for_what_we_send() -> None:
    user = make.signed_up().user
    client = client_of(user)
    client.post("/language/", {"language": "en", "next": "/my/"})
    assert User.objects.get(pk=user.pk).language == "en"
    client.post("/language/", {"language": "xx", "next": "/my/"})
    assert User.objects.get(pk=user.pk).language == "en"
    assert client.get("/language/").status_code == 405
