"""People, messages and credit in the admin: rules are drafted and published, sealed facts stay sealed."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Merchant, MerchantMember, User
from accounts.services import addresses
from core.services import events
from credit.models import Decision, Scorecard, TierSet
from credit.services import quota, tiers
from tests import cards, make
from tests.trust import AT, NAME, PHONE, TABLE, draft, graded, id_number, proven, tiers_in_force

pytestmark = pytest.mark.django_db

READ_ONLY = [
    "accounts_identityverification",
    "accounts_consent",
    "accounts_address",
    "notices_message",
    "credit_creditreport",
    "credit_decision",
    "credit_quotaaccount",
]
EDITABLE = ["accounts_user", "accounts_customer", "accounts_merchant", "credit_tierset"]


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "a long password"))
    return client


@pytest.fixture
def customer() -> Customer:
    """Somebody with a row in every table."""
    made = proven()
    graded(made, 700)
    addresses.add(made, NAME, PHONE, "北京市 东城区", "金丝雀胡同7号", AT)
    with transaction.atomic():
        quota.hold(made, "XO1", made.quota.limit, AT)
    return made


def rows(name: str) -> list[int]:
    return list(apps.get_model(name.replace("_", ".")).objects.values_list("pk", flat=True))


@pytest.mark.parametrize("name", READ_ONLY + EDITABLE)
def test_every_table_and_row_opens_and_shows_no_sealed_fact(admin: Client, customer: Customer, name: str) -> None:
    Merchant.objects.create(name="时光", name_en="Shiguang", licence_number="91310000MA1FL0A00X")
    pages = [reverse(f"admin:{name}_changelist")]
    pages += [reverse(f"admin:{name}_change", args=[pk]) for pk in rows(name)]
    assert len(pages) > 1
    for page in pages:
        answer = admin.get(page)
        assert answer.status_code == 200, page
        for fact in (NAME, PHONE, id_number(), "1996-05-20", "胡同7号"):
            assert fact not in answer.content.decode(), page


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_services_write_is_not_changed_here(admin: Client, customer: Customer, name: str) -> None:
    pk = rows(name)[0]
    assert admin.get(reverse(f"admin:{name}_add")).status_code == 403
    assert admin.post(reverse(f"admin:{name}_change", args=[pk]), {"state": "X"}).status_code == 403
    assert admin.post(reverse(f"admin:{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403


def form(rows: Any = TABLE, **fields: Any) -> dict[str, Any]:
    """The add form of a tier table, as a browser posts it."""
    posted: dict[str, Any] = {"deposit_floor": "0", "decision_days": 180, "reapply_days": 30, **fields}
    posted |= {"source": "zhima", "admission_bar": 650, "lift_after": 2, "rent_share_percent": 0}
    posted |= {"demand_rules-TOTAL_FORMS": 0, "demand_rules-INITIAL_FORMS": 0}
    posted |= {"tiers-TOTAL_FORMS": len(rows), "tiers-INITIAL_FORMS": 0}
    names = ("from_score", "grade", "outcome", "waives", "amount", "percent", "quota_limit", "checkout_cap")
    for i, row in enumerate(rows):
        posted |= {f"tiers-{i}-{name}": value for name, value in zip(names, row, strict=True)}
        posted |= {f"tiers-{i}-devices": 2, f"tiers-{i}-rent_off_percent": 0}
    return posted


def test_a_table_is_drafted_here_and_handed_on_at_the_desk(admin: Client) -> None:
    answer = admin.post(reverse("admin:credit_tierset_add"), form())
    assert answer.status_code == 302, answer.context["errors"]
    made = TierSet.objects.get()
    assert (made.version, made.state, made.tiers.count()) == (1, "DRAFT", 5)
    page = admin.get(reverse("admin:credit_tierset_change", args=[made.pk])).content.decode()
    assert reverse("desk:tier_set", args=[made.version]) in page
    assert tiers.in_force() is None


def test_a_faulty_table_says_what_keeps_it_from_being_published(admin: Client) -> None:
    tier_set = draft(TABLE[1:])
    page = admin.get(reverse("admin:credit_tierset_change", args=[tier_set.pk])).content.decode()
    assert "550" in page
    with pytest.raises(tiers.TierSetRefused, match="350"):
        tiers.propose(tier_set.pk, "operator:1", "agreed", AT)


@pytest.mark.parametrize(
    ("field", "value"), [("amount", "-1"), ("percent", "101"), ("amount", "0.001"), ("from_score", "349")]
)
def test_a_figure_that_is_none_is_a_field_error(admin: Client, field: str, value: str) -> None:
    answer = admin.post(reverse("admin:credit_tierset_add"), form() | {f"tiers-1-{field}": value})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert TierSet.objects.count() == 0


def test_a_published_table_is_not_changed_but_drafted_from(admin: Client) -> None:
    published = tiers_in_force()
    address = reverse("admin:credit_tierset_change", args=[published.pk])
    assert admin.post(address, form([], deposit_floor="100")).status_code == 403
    assert admin.post(reverse("admin:credit_tierset_delete", args=[published.pk]), {"post": "yes"}).status_code == 403
    step = reverse("admin:credit_tierset_draft", args=[published.pk])
    assert admin.get(step).status_code == 200
    assert TierSet.objects.count() == 1
    admin.post(step)
    assert TierSet.objects.filter(state="DRAFT").get().version == published.version + 1


def test_a_block_is_an_event(admin: Client, customer: Customer) -> None:
    address = reverse("admin:accounts_customer_change", args=[customer.pk])
    inlines = {"verifications-TOTAL_FORMS": 0, "verifications-INITIAL_FORMS": 0, "consents-TOTAL_FORMS": 0}
    posted = {"blocked_reason": "confirmed fraud", "number": "HACK", "consents-INITIAL_FORMS": 0, **inlines}
    assert admin.post(address, posted).status_code == 302
    blocked = Customer.objects.get(pk=customer.pk)
    assert (blocked.blocked_reason, blocked.number) == ("confirmed fraud", customer.number)
    assert events.of(customer).last().kind == "customer_blocked"  # type: ignore[union-attr]
    admin.post(address, posted | {"blocked_reason": ""})
    assert events.of(customer).last().kind == "customer_unblocked"  # type: ignore[union-attr]


def test_a_member_of_a_merchant_gets_a_sign_in(admin: Client) -> None:
    posted = {"login": "lessor", "kind": "MERCHANT", "language": "zh-hans", "usable_password": "true"}
    passwords = {"password1": "hushed-lantern-41", "password2": "hushed-lantern-41"}
    answer = admin.post(reverse("admin:accounts_user_add"), posted | passwords)
    assert answer.status_code == 302, answer.context["errors"]
    user = User.objects.get(login="lessor")
    assert user.check_password("hushed-lantern-41")
    assert not user.is_staff
    merchant = Merchant.objects.create(name="时光", name_en="Shiguang", licence_number="91310000MA1FL0A00X")
    MerchantMember.objects.create(user=user, merchant=merchant)
    assert admin.get(reverse("admin:accounts_merchant_change", args=[merchant.pk])).status_code == 200


def test_staff_with_rights_over_users_make_nobody_a_superuser() -> None:
    clerk = User.objects.create_user("clerk", "x", is_staff=True, kind="OPERATOR")
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    root = User.objects.create_superuser("root", "a long password")
    client = Client()
    client.force_login(clerk)
    own = reverse("admin:accounts_user_change", args=[clerk.pk])
    client.post(own, {"login": "clerk", "kind": "OPERATOR", "language": "en", "is_active": "on", "is_superuser": "on"})
    clerk.refresh_from_db()
    assert (clerk.language, clerk.is_superuser) == ("en", False)
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    new = {"password1": "hushed-lantern-41", "password2": "hushed-lantern-41", "usable_password": "true"}
    assert client.post(password, new).status_code == 403
    assert User.objects.get(login="root").check_password("a long password")


@pytest.mark.parametrize("name", READ_ONLY + EDITABLE)
def test_a_customer_finds_no_admin(customer: Customer, name: str) -> None:
    client = Client()
    client.force_login(customer.user)
    answer = client.get(reverse(f"admin:{name}_changelist"))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_staff_without_the_right_draft_nothing() -> None:
    tier_set = draft()
    client = Client()
    client.force_login(User.objects.create_user("clerk", "x", is_staff=True, kind="OPERATOR"))
    assert client.post(reverse("admin:credit_tierset_draft", args=[tier_set.pk])).status_code == 403
    assert TierSet.objects.count() == 1


def test_a_decision_shows_that_it_replays(admin: Client, customer: Customer) -> None:
    decision = Decision.objects.get()
    page = admin.get(reverse("admin:credit_decision_change", args=[decision.pk])).content.decode()
    assert "700" in page


def test_the_bands_are_drawn_to_scale_with_what_no_band_covers(admin: Client) -> None:
    sound = admin.get(reverse("admin:credit_tierset_change", args=[draft().pk])).context["segments"]
    assert sound[0].first == 350
    assert sound[-1].last == 950
    assert sum(each.width for each in sound) == 600
    faulty = admin.get(reverse("admin:credit_tierset_change", args=[draft(TABLE[1:]).pk])).context["segments"]
    assert (faulty[0].band, faulty[0].first) == (None, 350)


def test_two_bands_from_one_score_are_refused_at_once(admin: Client) -> None:
    answer = admin.post(reverse("admin:credit_tierset_add"), form([*TABLE, TABLE[-1]]))
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert TierSet.objects.count() == 0


def test_a_group_is_given_rights_named_in_chinese(admin: Client) -> None:
    page = admin.get(reverse("admin:auth_group_add"), headers={"accept-language": "zh-hans"}).content.decode()
    assert "Can add" not in page
    assert "租赁方案" in page


def test_a_scorecard_is_drafted_with_its_bins_refused_with_its_figures_and_approved_by_another(admin: Client) -> None:
    made = cards.draft(identity_weight=19)
    page = reverse("admin:credit_scorecard_change", args=[made.pk])
    assert "99" in admin.get(page).content.decode()
    hand_on, why = reverse("admin:credit_scorecard_hand_on", args=[made.pk]), {"reason": "agreed"}
    assert admin.get(hand_on).status_code == 200
    assert admin.post(hand_on, why).status_code == 422
    weights = {"identity": 20, "behaviour": 20, "ability": 25, "network": 10, "history": 25}
    posted: dict[str, Any] = {f"{name}_weight": weight for name, weight in weights.items()}
    posted |= {"bins-TOTAL_FORMS": made.bins.count() + 1, "bins-INITIAL_FORMS": made.bins.count()}
    for i, row in enumerate(made.bins.all()):
        posted |= {f"bins-{i}-id": row.pk, f"bins-{i}-factor": row.factor}
        posted |= {f"bins-{i}-from_value": row.from_value, f"bins-{i}-points": row.points}
    new = f"bins-{made.bins.count()}"
    posted |= {f"{new}-factor": "age", f"{new}-from_value": 75, f"{new}-points": 20}
    answer = admin.post(page, posted)
    assert answer.status_code == 302, answer.context["errors"]
    assert made.bins.get(from_value=75).dimension == "identity"  # of the catalogue
    decide = admin.post(hand_on, why)["Location"]
    assert admin.post(page, posted).status_code == 403  # somebody looks at it
    admin.post(decide)
    assert Scorecard.objects.get().state == "DRAFT"  # not by whoever asked
    other = Client()
    other.force_login(make.operator("other"))
    assert "75:20" in other.get(decide).content.decode()
    other.post(decide)
    assert Scorecard.objects.get().state == "PUBLISHED"
    assert admin.post(page, posted).status_code == 403
    admin.post(reverse("admin:credit_scorecard_draft", args=[made.pk]))
    assert Scorecard.objects.filter(state="DRAFT").count() == 1
