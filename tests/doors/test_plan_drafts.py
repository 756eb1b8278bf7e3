"""Plans while one types: the admin's preview, and a merchant's own drafts, which only the platform publishes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import MerchantMember, User
from catalog.models import DayPrice, LeasePlan, PlanTerm, Sku
from catalog.services import plans
from core.models import Event
from core.services import events
from tests import make, things

pytestmark = pytest.mark.django_db


def figures(sku: Sku, **changed: Any) -> dict[str, Any]:
    """12 × 350 with the highest total that passes a cap of 12 %, as a browser posts it."""
    return {
        "sku": sku.pk, "lease_model": "OPTION_TO_BUY", "signed_value": "5800", "deposit_rate": "0.70",
        "cover_choice": "NONE", "cover_monthly": "0", "early_return_months": "1", "renewal_discount_rate": "0.10",
        "ships_out": "MERCHANT", "ships_back": "MERCHANT", "least_days": "1", "most_days": "", "gap_days": "2",
        "terms-TOTAL_FORMS": "2", "terms-INITIAL_FORMS": "0", "terms-0-months": "12", "terms-0-monthly_rent": "350",
        "terms-0-total_to_own": "6477.68", "day_prices-TOTAL_FORMS": "0", **changed,
    }  # fmt: skip


@contextmanager
def no_plan_changes() -> Iterator[None]:
    """No plan, no term and no event; a session may be touched."""

    def rows() -> list[list[Any]]:
        return [list(table.objects.order_by("pk").values()) for table in (LeasePlan, PlanTerm, DayPrice, Event)]

    before = rows()
    yield
    assert rows() == before


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", "a-long-password"))
    return client


@pytest.fixture
def sku() -> Sku:
    return things.priced_sku()


@pytest.fixture
def published(sku: Sku) -> LeasePlan:
    """What makes the specification the merchant's own."""
    return plans.publish(things.draft_plan(things.merchant(), sku).pk, "operator:1", things.AT)


def member(of: Any, login: str, role: str) -> Client:
    user = User.objects.create_user(login, "a-long-password", kind=User.Kind.MERCHANT)
    MerchantMember.objects.create(user=user, merchant=of, role=role)
    client = Client()
    client.force_login(user)
    make.gave_second_factor(client)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


@pytest.fixture
def owner(published: LeasePlan) -> Client:
    return member(published.merchant, "leader", MerchantMember.Role.OWNER)


@things.at_work
def test_the_admin_shows_the_cost_of_what_is_typed_and_saves_nothing(operator: Client, sku: Sku) -> None:
    address, merchant = reverse("admin:catalog_leaseplan_preview"), things.merchant().pk
    with no_plan_changes():
        page = operator.post(address, {**figures(sku), "merchant": merchant}).content.decode()
        dear = operator.post(address, {**figures(sku, **{"terms-0-total_to_own": "6477.69"}), "merchant": merchant})
        half = {**figures(sku, signed_value="", **{"terms-0-monthly_rent": "3x"}), "merchant": "1"}
        typing = operator.post(address, half)
        none = operator.post(address, {"sku": "", "merchant": ""})
    for figure in ("4,200.00", "2,277.68", "6,477.68"):  # 12 × 350; the last price; both
        assert figure in page, figure
    assert (page.count("xz-refused"), dear.content.decode().count("2,277.69")) == (0, 1)
    assert "xz-refused" in dear.content.decode()
    assert (typing.status_code, none.content) == (200, b"")
    assert operator.get(address).status_code == 403


@things.at_work
def test_the_preview_of_days_tells_the_cheapest_prices_and_the_guard_of_thirty_days(operator: Client, sku: Sku) -> None:
    """1 day 60, 3 days 150, 7 days 300: ten days are 7 + 3 = 450; thirty are 4 × 7 + 2 × 1 = 1,320, at most 2,100."""
    days = {"day_prices-TOTAL_FORMS": "4", "terms-TOTAL_FORMS": "0", "most_days": "30", "lease_model": "RETURN_ONLY"}
    for i, (count, amount) in enumerate([("1", "60"), ("3", "150"), ("7", "300"), ("", "")]):
        days |= {f"day_prices-{i}-days": count, f"day_prices-{i}-amount": amount}
    address, merchant = reverse("admin:catalog_leaseplan_preview"), {"merchant": things.merchant().pk}
    page = operator.post(address, {**figures(sku, **days), **merchant}).content.decode()
    assert ("450.00" in page, "1,320.00" in page, "xz-refused" in page) == (True, True, False)
    dear = {**days, "day_prices-0-amount": "100", "day_prices-1-amount": "290", "day_prices-2-amount": "700"}
    page = operator.post(address, {**figures(sku, **dear), **merchant}).content.decode()
    assert "xz-refused" in page
    assert "2100.00" in page


@things.at_work
def test_a_merchant_drafts_sees_the_cost_and_cannot_publish(owner: Client, sku: Sku, published: LeasePlan) -> None:
    new = reverse("portal:plan_new")
    with no_plan_changes():
        shown = owner.post(new, figures(sku, do="preview"))
        typed = owner.post(reverse("portal:plan_preview"), figures(sku)).content.decode()
    assert shown.status_code == 200
    for page in (shown.content.decode(), typed):
        assert "2,277.68" in page
        assert "Nothing keeps it from being published." in page
    kept = owner.post(new, figures(sku, do="keep"))
    draft = LeasePlan.objects.get(state=LeasePlan.State.DRAFT)
    assert (kept.status_code, kept.headers["Location"]) == (303, reverse("portal:plan", args=[draft.pk]))
    assert (draft.merchant, draft.version, draft.terms.get().months) == (published.merchant, 2, 12)
    assert events.of(draft).get(kind="plan_drafted").actor.startswith("merchant:")
    page = reverse("portal:plan", args=[draft.pk])
    owner.post(page, figures(sku, do="keep", **{"terms-0-total_to_own": "7000"}))
    assert "Keeps it from being published" in owner.get(page).content.decode()
    with pytest.raises(plans.PlanRefused):
        plans.publish(draft.pk, "operator:1", things.AT)
    assert LeasePlan.objects.get(state=LeasePlan.State.PUBLISHED) == published


@things.at_work
def test_what_is_published_is_only_read_and_its_next_version_drafted(
    owner: Client, sku: Sku, published: LeasePlan
) -> None:
    page = reverse("portal:plan", args=[published.pk])
    assert 'name="signed_value"' not in owner.get(page).content.decode()
    assert owner.post(page, figures(sku, signed_value="1")).status_code == 303
    published = LeasePlan.objects.get(pk=published.pk)
    assert published.signed_value == 5800
    assert LeasePlan.objects.filter(state=LeasePlan.State.DRAFT, version=2).count() == 1


@things.at_work
@pytest.mark.parametrize(
    "wrong",
    [{"signed_value": ""}, {"deposit_rate": "0.2"}, {"terms-0-monthly_rent": "-1"}, {"terms-0-months": "99"},
     {"terms-1-months": "12", "terms-1-monthly_rent": "1"}, {"terms-0-monthly_rent": ""}, {"lease_model": "GIFT"}],
)  # fmt: skip
def test_a_draft_that_is_none_is_refused_and_nothing_is_kept(owner: Client, sku: Sku, wrong: dict[str, str]) -> None:
    with no_plan_changes():
        answer = owner.post(reverse("portal:plan_new"), figures(sku, do="keep", **wrong))
    assert answer.status_code == 422


@things.at_work
def test_others_plans_and_specifications_do_not_exist_and_who_does_not_lead_only_reads(
    owner: Client, sku: Sku, published: LeasePlan
) -> None:
    stranger = member(things.merchant(), "elsewhere", MerchantMember.Role.OWNER)
    staff = member(published.merchant, "packer", MerchantMember.Role.STAFF)
    page = reverse("portal:plan", args=[published.pk])
    with no_plan_changes():
        assert stranger.get(page).status_code == 404
        assert stranger.post(page, figures(sku)).status_code == 404
        assert stranger.post(reverse("portal:plan_preview"), figures(sku)).status_code == 404
        assert stranger.post(reverse("portal:plan_new"), figures(sku, do="keep")).status_code == 422
        assert staff.get(page).status_code == 200
        assert staff.post(page).status_code == 404
        assert staff.post(reverse("portal:plan_new"), figures(sku, do="keep")).status_code == 403
        assert Client().get(page).status_code == 302
