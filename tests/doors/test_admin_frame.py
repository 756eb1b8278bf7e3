"""The admin's frame: the front page, the navigation, names in both languages, and how often it asks the database."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.contrib.auth.models import Permission
from django.db import connection, models
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from catalog.services import plans
from core.admin import ReadOnlyAdmin
from orders.models import State
from rental import console
from tests import make, things
from tests.trust import TABLE, draft

pytestmark = pytest.mark.django_db

HAN = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"IMEI", "ID"}


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.operator())
    return signed_in


def asked() -> Any:
    request = RequestFactory().get("/admin/")
    request.user = make.operator()
    return request


def unnamed(model: type[models.Model], shown: list[Any], owner: Any) -> list[str]:
    """The shown fields whose name has no Chinese."""
    with translation.override("zh-hans"):
        names = {str(name): str(label_for_field(name, model, owner)) for name in shown}
    return [name for name, label in names.items() if not HAN.search(label) and label not in SAME_IN_BOTH]


def shown(owner: Any, request: Any) -> list[Any]:
    """Fields of the row's page and columns of the list; passwords belong to Django's own form."""
    fields = flatten_fieldsets(owner.get_fieldsets(request))
    return [name for name in (*fields, *getattr(owner, "list_display", ())) if name not in {"password1", "password2"}]


def test_every_table_and_every_shown_field_has_a_chinese_name() -> None:
    request, missing = asked(), []
    for model, owner in admin.site._registry.items():
        for each in (owner, *owner.get_inline_instances(request)):
            with translation.override("zh-hans"):
                names = [str(each.model._meta.verbose_name), str(each.model._meta.verbose_name_plural)]
            missing += [f"{model.__name__}: {name}" for name in names if not HAN.search(name)]
            missing += [f"{each.model.__name__}.{name}" for name in unnamed(each.model, shown(each, request), each)]
    assert missing == []


@isolate_apps("core")
def test_a_planted_field_without_a_name_is_seen() -> None:
    class Planted(models.Model):
        cash_back = models.IntegerField()

        class Meta:
            app_label = "core"
            managed = False

    assert unnamed(Planted, ["cash_back"], ReadOnlyAdmin(Planted, admin.site)) == ["cash_back"]


def test_every_row_that_the_admin_shows_says_what_it_is() -> None:
    request = asked()
    shown_models = {each.model for owner in admin.site._registry.values()
                    for each in (owner, *owner.get_inline_instances(request))}  # fmt: skip
    assert [model.__name__ for model in shown_models if vars(models.Model)["__str__"] is _str_of(model)] == []


def _str_of(model: type[models.Model]) -> object:
    return next(vars(each)["__str__"] for each in model.__mro__ if "__str__" in vars(each))


def test_the_navigation_leads_to_every_table_and_to_the_desk(client: Client) -> None:
    page = client.get(reverse("admin:index")).content.decode()
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert f'href="{address}"' in page, address
    assert f'href="{reverse("desk:overview")}"' in page


def test_the_navigation_shows_only_what_one_may_look_at() -> None:
    clerk = User.objects.create_user("clerk", "x", is_staff=True, kind="OPERATOR")
    clerk.user_permissions.set(Permission.objects.filter(codename="view_holiday"))
    client = Client()
    client.force_login(clerk)
    page = client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:core_holiday_changelist") in page
    assert reverse("admin:billing_payment_changelist") not in page
    assert reverse("admin:catalog_leaseplan_changelist") not in page


@things.at_work
def test_the_front_page_names_drafts_gaps_and_changes(client: Client) -> None:
    merchant, sku = things.merchant(), things.priced_sku()
    plan = things.draft_plan(merchant, sku)
    draft(TABLE[1:])
    page = client.get(reverse("admin:index"), headers={"accept-language": "en"})
    rows = {row.href: row for row in page.context["drafts"]}
    assert not rows[reverse("admin:catalog_leaseplan_change", args=[plan.pk])].late
    assert [row.late for row in rows.values()].count(True) == 1  # the table that starts late
    plans.publish(plan.pk, f"operator:{make.operator().pk}", things.AT)
    told = client.get(reverse("admin:index")).context["changes"][0]
    assert (told.title, told.actor) == (console.TOLD["PUBLISHED"], make.operator().login)


LISTS = ["orders_order", "orders_checkout", "billing_lease", "billing_payment", "credit_decision",
         "contracts_agreement", "core_event", "accounts_customer", "notices_message"]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_one_and_counts_none(client: Client, name: str) -> None:
    make.order(State.ACTIVE)
    address = reverse(f"admin:{name}_changelist")
    client.get(address)
    once = queries(client, address)
    make.order(State.ACTIVE)
    make.order(State.SHIPPED)
    thrice = queries(client, address)
    assert len(thrice) <= len(once), thrice
    assert [sql for sql in thrice if f'COUNT(*) AS "__count" FROM "{name}"' in sql] == []


def queries(client: Client, address: str) -> list[str]:
    """What one page asks; the demo's clock is left out, it is kept for a second over all requests."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked if "core_clockshift" not in query["sql"]]


@things.at_work
def test_a_plans_page_asks_a_fixed_number_of_times(client: Client, django_assert_max_num_queries: Any) -> None:
    plan = things.draft_plan(things.merchant(), things.priced_sku())
    with django_assert_max_num_queries(26):
        client.get(reverse("admin:catalog_leaseplan_change", args=[plan.pk]))
