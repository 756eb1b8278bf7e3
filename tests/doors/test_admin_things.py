"""Catalogue and billing in the admin: plans go through the guard, prices are only added, money is only looked at."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Deposit, DepositFreeze, Lease, Payment, Refund
from billing.services import deposits, refunds
from catalog.models import CashPrice, DeviceType, LeaseModel, LeasePlan, Sku
from catalog.services import plans, search, units
from core.services import events
from tests import things

pytestmark = pytest.mark.django_db
LOOK_ONLY = [
    "billing_lease", "billing_payment", "billing_refund", "billing_deposit", "billing_depositfreeze",
    "catalog_stocklevel", "catalog_deviceunit",
]  # fmt: skip
TABLES = [
    *LOOK_ONLY, "catalog_devicetype", "catalog_devicemodel", "catalog_sku", "catalog_cashprice", "catalog_lendingrate",
    "catalog_leaseplan",
]  # fmt: skip


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("boss", "a-long-password")


@pytest.fixture
def client(operator: User) -> Client:
    signed_in = Client()
    signed_in.force_login(operator)
    return signed_in


@pytest.fixture
def draft() -> LeasePlan:
    return things.draft_plan(things.merchant(), things.priced_sku())


def full_house() -> None:
    """A row in every table."""
    lease = things.lease(deposit="2000")
    refunds.request(things.paid(things.bill(lease)).pk, Decimal(1), "test", things.AT, lease)
    deposits.capture_freeze(things.ALIPAY, things.frozen(things.freeze(lease)), things.AT)
    plan = plans.publish(things.draft_plan(things.merchant(), things.priced_sku()).pk, "operator:1", things.AT)
    units.add(plan.merchant, plan.sku, "SN-001", "490154203237518", things.AT)


@pytest.mark.parametrize("name", TABLES)
def test_every_list_opens(client: Client, name: str) -> None:
    full_house()
    assert client.get(reverse(f"admin:{name}_changelist"), {"q": "x"} if "stock" not in name else {}).status_code == 200
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", LOOK_ONLY)
def test_what_services_write_is_not_added_by_hand(client: Client, name: str) -> None:
    assert client.get(reverse(f"admin:{name}_add")).status_code == 403


@pytest.mark.parametrize("model", [Lease, Payment, Refund, Deposit, DepositFreeze])
def test_a_row_of_money_opens_and_is_not_changed_or_deleted(client: Client, model: type[Lease]) -> None:
    full_house()
    row = model.objects.get()
    name = model._meta.model_name
    change = reverse(f"admin:billing_{name}_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"state": "CLOSED"}).status_code == 403
    assert client.post(reverse(f"admin:billing_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert model.objects.get().state == row.state


@things.at_work
def test_a_plan_is_published_by_a_post_after_the_question(client: Client, operator: User, draft: LeasePlan) -> None:
    address = reverse("admin:catalog_leaseplan_publish", args=[draft.pk])
    assert "6,477.68" in client.get(address).content.decode()
    assert things.again(draft).state == "DRAFT"
    assert client.post(address).status_code == 302
    assert things.again(draft).state == "PUBLISHED"
    assert events.of(draft).get().actor == f"operator:{operator.pk}"


@things.at_work
def test_a_refused_plan_says_why_before_and_after(client: Client) -> None:
    dear = things.draft_plan(things.merchant(), things.priced_sku(), terms=[(12, "350", "6477.69")])
    change = client.get(reverse("admin:catalog_leaseplan_change", args=[dear.pk])).content.decode()
    assert "2277.68" in change
    answer = client.post(reverse("admin:catalog_leaseplan_publish", args=[dear.pk]), follow=True)
    assert "2277.69" in answer.content.decode()
    assert things.again(dear).state == "DRAFT"


@things.at_work
def test_a_published_plan_is_drafted_anew_and_withdrawn_but_not_edited(client: Client, draft: LeasePlan) -> None:
    plans.publish(draft.pk, "operator:1", things.AT)
    change = reverse("admin:catalog_leaseplan_change", args=[draft.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"signed_value": "1"}).status_code == 403
    client.post(reverse("admin:catalog_leaseplan_draft", args=[draft.pk]))
    assert LeasePlan.objects.get(version=2).state == "DRAFT"
    client.post(reverse("admin:catalog_leaseplan_withdraw", args=[draft.pk]))
    assert things.again(draft).state == "SUPERSEDED"


@pytest.mark.parametrize("step", ["publish", "withdraw", "draft"])
def test_a_step_needs_the_right_to_change_plans(draft: LeasePlan, step: str) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("clerk", "a-long-password", is_staff=True, kind="OPERATOR"))
    assert stranger.post(reverse(f"admin:catalog_leaseplan_{step}", args=[draft.pk])).status_code == 403
    assert things.again(draft).state == "DRAFT"


def test_a_plan_made_by_hand_gets_its_version(client: Client, draft: LeasePlan) -> None:
    form = {
        "merchant": draft.merchant_id, "sku": draft.sku_id, "lease_model": LeaseModel.RETURN_ONLY,
        "signed_value": "5000", "deposit_rate": "0.7", "cover_choice": "NONE", "cover_monthly": "0",
        "early_return_months": "1", "renewal_discount_rate": "0.1", "ships_out": "MERCHANT", "ships_back": "MERCHANT",
        "least_days": "1", "gap_days": "2", "day_prices-TOTAL_FORMS": "0", "day_prices-INITIAL_FORMS": "0",
        "terms-TOTAL_FORMS": "1", "terms-INITIAL_FORMS": "0", "terms-0-months": "12", "terms-0-monthly_rent": "300",
    }  # fmt: skip
    assert client.post(reverse("admin:catalog_leaseplan_add"), form).status_code == 302
    made = LeasePlan.objects.get(version=2)
    assert (made.state, made.terms.get().monthly_rent) == ("DRAFT", Decimal(300))


@time_machine.travel(things.AT, tick=False)
def test_a_cash_price_is_set_by_an_operator_and_only_added(client: Client, operator: User) -> None:
    sku = things.sku()
    form = {"sku": sku.pk, "amount": "5999", "as_of": "2026-03-01", "source": "三家电商标价的中位数"}
    assert client.post(reverse("admin:catalog_cashprice_add"), form).status_code == 302
    price = CashPrice.objects.get()
    assert (price.amount, price.set_by) == (Decimal(5999), operator)
    assert events.of(price).get().kind == "cash_price_set"
    assert client.post(reverse("admin:catalog_cashprice_change", args=[price.pk]), form).status_code == 403


def test_a_merchants_person_sets_no_cash_price() -> None:
    clerk = User.objects.create_user("m", "a-long-password", is_staff=True, is_superuser=True, kind="MERCHANT")
    signed_in = Client()
    signed_in.force_login(clerk)
    assert signed_in.get(reverse("admin:catalog_cashprice_add")).status_code == 403


def price_form(sku: Sku, rows: list[tuple[str, str]]) -> dict[str, Any]:
    """The SKU's page as a browser posts it, with new prices below."""
    posted: dict[str, Any] = {"device_model": sku.device_model_id, "condition": sku.condition}
    posted |= {"specification": sku.specification, "specification_en": sku.specification_en}
    posted |= {"cash_prices-TOTAL_FORMS": len(rows), "cash_prices-INITIAL_FORMS": 0}
    for i, (amount, source) in enumerate(rows):
        posted |= {f"cash_prices-{i}-amount": amount, f"cash_prices-{i}-source": source}
        posted |= {f"cash_prices-{i}-as_of": "2026-03-01", f"cash_prices-{i}-sku": sku.pk}
    return posted


@time_machine.travel(things.AT, tick=False)
def test_a_specification_gets_a_new_price_below_and_keeps_the_old(client: Client, operator: User) -> None:
    sku = things.priced_sku("6000")
    address = reverse("admin:catalog_sku_change", args=[sku.pk])
    assert "6,000.00" in client.get(address).content.decode()
    answer = client.post(address, price_form(sku, [("5888", "京东标价")]))
    assert answer.status_code == 302, answer.context["errors"]
    old, new = CashPrice.objects.order_by("id")
    assert (old.amount, new.amount, new.set_by) == (Decimal(6000), Decimal(5888), operator)
    assert events.of(new).get().kind == "cash_price_set"


@time_machine.travel(things.AT, tick=False)
def test_a_price_of_nothing_is_a_field_error(client: Client) -> None:
    sku = things.sku()
    answer = client.post(reverse("admin:catalog_sku_change", args=[sku.pk]), price_form(sku, [("-1", "x")]))
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert CashPrice.objects.count() == 0


@things.at_work
def test_a_draft_shows_what_its_offer_will_disclose(client: Client, draft: LeasePlan) -> None:
    page = client.get(reverse("admin:catalog_leaseplan_change", args=[draft.pk])).content.decode()
    for figure in ("4,200.00", "2,277.68", "6,477.68"):  # 12 × 350; the last price; both
        assert figure in page, figure
    assert client.get(reverse("admin:catalog_leaseplan_change", args=[draft.pk])).context["may_publish"]


@things.at_work
def test_a_draft_without_a_cash_price_shows_its_rents_and_says_what_is_missing(client: Client) -> None:
    plan = things.draft_plan(things.merchant(), things.sku())
    answer = client.get(reverse("admin:catalog_leaseplan_change", args=[plan.pk]))
    assert [term.disclosure for term in answer.context["preview"].terms] == [None]
    assert answer.context["objections"]


@things.at_work
def test_shops_list_kinds_in_the_order_that_operators_set(client: Client) -> None:
    merchant = things.merchant()
    for code in ("phone", "camera"):
        plan = things.draft_plan(merchant, things.priced_sku(type_code=code))
        plans.publish(plan.pk, "operator:1", things.AT)
    camera = DeviceType.objects.get(code="camera")
    fields = {"name": "相机", "name_en": "Cameras", "code": "camera", "attributes": "[]"}
    inlines = {"damage_items-TOTAL_FORMS": 0, "damage_items-INITIAL_FORMS": 0}
    address = reverse("admin:catalog_devicetype_change", args=[camera.pk])
    for order, listed in (("9", ["phone", "camera"]), ("0", ["camera", "phone"])):
        DeviceType.objects.filter(code="phone").update(order=5)
        assert client.post(address, fields | inlines | {"order": order}).status_code == 302
        assert [kind.code for kind in search.kinds()] == listed
