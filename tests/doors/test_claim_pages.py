"""Damage at the doors: the merchant's form, the customer's answer, the desk's decision, and who may see a picture."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.models import ClaimPhoto, DamageClaim, Order, State
from tests import make, walks
from tests.evidence import picture
from tests.services.test_claims import BACK, BATTERY, SCRATCH, arrived

pytestmark = pytest.mark.django_db
LATER = BACK + timedelta(hours=1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield arrived(make.customer(None)).pk


@pytest.fixture
def order(staged: int) -> Iterator[Order]:
    with make.moment(LATER):
        yield Order.objects.get(pk=staged)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    make.gave_second_factor(client)
    return client


def filled(*codes: str, **changed: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"serial_matches": "on", "wiped": "on", "condition": "GOOD", "note": ""}
    for code in codes:
        photo = SimpleUploadedFile("x.jpg", picture(), "image/jpeg")
        facts |= {f"line_{code}": "on", f"note_{code}": "left corner", f"photo_{code}": photo}
    return facts | changed


def claimed(order: Order, *codes: str) -> DamageClaim:
    answer = client_of(make.merchant_member("qinghe")).post(
        reverse("portal:claim", args=[order.number]), filled(*codes or ("scratch", "battery"))
    )
    assert answer.status_code == 303
    return DamageClaim.objects.get(order=order)


def test_the_merchants_form_lists_the_signed_prices_and_claims_what_is_ticked(order: Order) -> None:
    member = client_of(make.merchant_member("qinghe"))
    page = member.get(reverse("portal:claim", args=[order.number])).content.decode()
    assert "566.64" in page
    assert "1,133.28" in page
    claim = claimed(order)
    assert claim.amount == SCRATCH + BATTERY
    assert member.get(reverse("portal:claim", args=[order.number])).status_code == 200


@pytest.mark.parametrize("changed", [{"note_scratch": ""}, {"photo_scratch": ""}, {"line_scratch": ""}])
def test_a_claim_without_note_photo_or_line_is_answered_with_the_form(order: Order, changed: dict[str, str]) -> None:
    member = client_of(make.merchant_member("qinghe"))
    answer = member.post(reverse("portal:claim", args=[order.number]), filled("scratch", **changed))
    assert answer.status_code == 422
    assert not DamageClaim.objects.exists()


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_claimed(order: Order) -> None:
    fake = SimpleUploadedFile("x.jpg", b"MZ" + b"\0" * 99, "image/jpeg")
    member = client_of(make.merchant_member("qinghe"))
    answer = member.post(reverse("portal:claim", args=[order.number]), filled("scratch", photo_scratch=fake))
    assert answer.status_code == 422
    assert not DamageClaim.objects.exists()


def test_the_customer_sees_prices_and_photos_and_accepts(order: Order) -> None:
    claimed(order)
    his = client_of(order.customer.user)
    page = his.get(reverse("storefront:order_inspection", args=[order.number]))
    assert "1,699.92" in page.content.decode()  # 566.64 + 1,133.28
    answer = his.post(reverse("storefront:inspection_accept", args=[order.number]))
    assert answer.status_code == 303
    assert walks.read(order).claim.state == DamageClaim.State.ACCEPTED
    assert his.get(reverse("storefront:order_inspection", args=[order.number])).status_code == 200


def test_the_customer_disputes_and_the_desk_decides_with_grounds(order: Order) -> None:
    claimed(order)
    his = client_of(order.customer.user)
    address = reverse("storefront:order_inspection", args=[order.number])
    assert his.post(address, {"grounds": ""}).status_code == 422
    sent = {"grounds": "It was so.", "picture_1": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")}
    assert his.post(address, sent).status_code == 303
    desk = client_of(make.operator())
    assert order.number in desk.get(reverse("desk:queue", args=["claims"])).content.decode()
    page = reverse("desk:claim", args=[order.number])
    assert "It was so." in desk.get(page).content.decode()
    form = desk.get(page, headers={"accept-language": "en"}).context["form"]
    assert form.fields["line_scratch"].label == "Deep scratches on the case"
    wrong = {"line_scratch": str(SCRATCH), "line_battery": str(BATTERY + 1), "grounds": "seen"}
    assert desk.post(page, wrong).status_code == 422
    right = {"line_scratch": str(SCRATCH), "line_battery": "0", "grounds": "The battery is worn, not broken."}
    assert desk.post(page, right).status_code == 303
    assert walks.read(order).claim.awarded == SCRATCH
    assert "worn, not broken" in his.get(address).content.decode()


def test_a_picture_is_seen_by_its_sides_and_the_desk_and_by_nobody_else(order: Order) -> None:
    claimed(order, "scratch")
    photo = ClaimPhoto.objects.get()
    own = reverse("storefront:inspection_photo", args=[order.number, photo.pk])
    shop = reverse("portal:claim_photo", args=[order.number, photo.pk])
    office = reverse("desk:claim_photo", args=[order.number, photo.pk])
    for who, address in ((order.customer.user, own), (make.merchant_member("qinghe"), shop), (make.operator(), office)):
        answer = client_of(who).get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert "no-store" in answer["Cache-Control"]
    stranger = make.signed_up(at=LATER).user
    assert client_of(stranger).get(own).status_code == 404
    assert client_of(make.merchant_member("shiguang")).get(shop).status_code == 404
    assert client_of(stranger).get(office).status_code in (302, 403, 404)
    client_of(stranger).post(reverse("storefront:inspection_accept", args=[order.number]))
    assert walks.read(order).claim.state == DamageClaim.State.PROPOSED


def test_a_lock_is_reported_by_the_merchant_and_lifted_by_the_customer(order: Order) -> None:
    member, his = client_of(make.merchant_member("qinghe")), client_of(order.customer.user)
    assert member.post(reverse("portal:act", args=[order.number, "locked"])).status_code == 303
    page = his.get(reverse("storefront:order_inspection", args=[order.number])).content.decode()
    assert reverse("storefront:inspection_unlocked", args=[order.number]) in page
    assert his.post(reverse("storefront:inspection_unlocked", args=[order.number])).status_code == 303
    assert walks.read(order).account_lock.lifted_at == LATER
    assert walks.read(order).state == State.INSPECTING


def test_no_page_before_anything_was_found(order: Order) -> None:
    assert client_of(order.customer.user).get(
        reverse("storefront:order_inspection", args=[order.number])
    ).status_code == 404  # fmt: skip
