"""The tier editor at the desk: drawn over the customers, edited without a script, handed to a second person."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Approval
from credit.models import TierSet
from credit.services import tiers
from desk import band_forms, band_pictures
from tests.trust import AT, draft, graded, proven, tiers_in_force

pytestmark = pytest.mark.django_db


def client_of(login: str, *, right: bool = True) -> Client:
    user = User.objects.create_user(login, "x", is_staff=True, kind="OPERATOR")
    if right:
        user.user_permissions.add(Permission.objects.get(codename="change_tierset"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Client:
    return client_of("xu")


@pytest.fixture
def made() -> TierSet:
    """A draft of the same figures as the table in force."""
    present = tiers_in_force()
    return tiers.draft_from(present.pk, "operator:1", AT)


def address(of: TierSet, name: str = "tier_set") -> str:
    return reverse(f"desk:{name}", args=[of.version])


def form(of: TierSet, do: str = "save", **changed: Any) -> dict[str, Any]:
    """The editor's form as a browser posts it; `changed` by the field's whole name (b2_share)."""
    rows = band_forms.unbound(tiers.bands(of))
    posted: dict[str, Any] = {"rows": len(rows), "seen": tiers.fingerprint(of), "deposit_floor": "0", "do": do}
    for row in rows:
        posted |= {f"{row.prefix}-{name}": "" if value is None else str(value) for name, value in row.initial.items()}
    return posted | {name.replace("_", "-", 1): value for name, value in changed.items()}


def starts(of: TierSet) -> list[int]:
    return [band.from_score for band in tiers.bands(TierSet.objects.get(pk=of.pk))]


def test_it_is_drawn_over_the_customers_with_what_it_changes(desk: Client, made: TierSet) -> None:
    graded(proven(), 640)
    desk.post(address(made), form(made, b2_share="70"))
    shown = desk.get(address(made)).context["shown"]
    assert [row.people for row in shown.rows] == [0, 0, 1, 0, 0]
    assert (shown.effect.movement.up, shown.effect.movement.down) == (1, 0)
    assert len(shown.changes) == 1
    assert "60" in shown.changes[0]
    assert "70" in shown.changes[0]
    assert [bool(row.changes) for row in shown.rows] == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("save", [350, 550, 620, 680, 750]),
        ("move:2:-10", [350, 550, 610, 680, 750]),
        ("move:2:1", [350, 550, 621, 680, 750]),
        ("remove:1", [350, 620, 680, 750]),
        ("remove:0", [350, 550, 620, 680, 750]),  # the lowest band stays
        ("add", [350, 550, 620, 680, 750, 850]),
        ("move:9:1", [350, 550, 620, 680, 750]),
        ("nonsense", [350, 550, 620, 680, 750]),
    ],
)
def test_each_button_works_without_a_script(desk: Client, made: TierSet, do: str, after: list[int]) -> None:
    answer = desk.post(address(made), form(made, do))
    assert answer.status_code == 303
    assert starts(made) == after


def test_a_boundary_stops_at_its_neighbour() -> None:
    bands = tiers.bands(draft())
    moved = band_forms.change(bands, "move:2:500")
    assert [band.from_score for band in moved] == [350, 550, 679, 680, 750]
    assert [band.from_score for band in band_forms.change(bands, "move:2:-500")] == [350, 550, 551, 680, 750]


def test_the_lowest_band_always_begins_at_350(desk: Client, made: TierSet) -> None:
    desk.post(address(made), form(made, b0_from_score="400"))
    assert starts(made) == [350, 550, 620, 680, 750]


@pytest.mark.parametrize(
    "changed",
    [
        {"b2_from_score": "550"},
        {"b2_from_score": "1000"},
        {"b2_share": "101"},
        {"b2_share": "60.5"},
        {"b2_quota_limit": "-1"},
        {"b2_quota_limit": "0.001"},
        {"b2_quota_limit": "NaN"},
        {"b2_grade": ""},
        {"deposit_floor": "x"},
        {"rows": "0"},
        {"rows": "many"},
    ],
)
def test_what_is_no_figure_is_told_beside_it_and_nothing_is_saved(
    desk: Client, made: TierSet, changed: dict[str, str]
) -> None:
    posted = form(made)
    posted |= {name.replace("_", "-", 1) if name.startswith("b") else name: value for name, value in changed.items()}
    before = tiers.bands(made)
    assert desk.post(address(made), posted).status_code == 422
    assert tiers.bands(TierSet.objects.get(pk=made.pk)) == before


def test_who_saw_older_figures_is_told_so(desk: Client, made: TierSet) -> None:
    stale = form(made, b2_share="70")
    desk.post(address(made), form(made, b2_share="65"))
    answer = desk.post(address(made), stale)
    assert answer.status_code == 422
    assert [band.percent for band in tiers.bands(TierSet.objects.get(pk=made.pk))][2] == 65


def test_two_operators_put_it_into_force(desk: Client, made: TierSet) -> None:
    desk.post(address(made), form(made, b2_share="70"))
    assert desk.post(address(made, "tier_hand_on"), {"reason": "x"}).status_code == 422
    assert desk.post(address(made, "tier_hand_on"), {"reason": "fewer refusals in spring"}).status_code == 303
    asked = Approval.objects.get(state="REQUESTED")
    assert not desk.get(address(made)).context["editable"]
    approval = reverse("desk:approval", args=[asked.pk])
    desk.post(approval)
    assert tiers.in_force() != made  # he asked for it himself
    other = client_of("liu")
    assert "70" in other.get(approval).content.decode()
    other.post(approval)
    assert tiers.in_force() == made


def test_a_draft_begins_with_the_figures_in_force_and_is_thrown_away(desk: Client) -> None:
    present = tiers_in_force()
    desk.post(reverse("desk:tier_draft"))
    made = TierSet.objects.get(state="DRAFT")
    assert tiers.bands(made) == tiers.bands(present)
    assert desk.post(address(made, "tier_discard")).status_code == 303
    assert list(TierSet.objects.all()) == [present]


def test_without_the_right_one_looks_and_changes_nothing(made: TierSet) -> None:
    clerk = client_of("clerk", right=False)
    assert clerk.get(address(made)).status_code == 200
    assert not clerk.get(address(made)).context["editable"]
    before = tiers.bands(made)
    for where, posted in (
        (address(made), form(made, b2_share="70")),
        (address(made, "tier_hand_on"), {"reason": "fewer refusals"}),
        (address(made, "tier_discard"), {}),
        (reverse("desk:tier_draft"), {}),
    ):
        assert clerk.post(where, posted).status_code == 403
    assert tiers.bands(TierSet.objects.get(pk=made.pk)) == before
    assert TierSet.objects.count() == 2
    assert Approval.objects.count() == 1  # that of the table in force


def test_the_drawing_holds_every_customer_and_every_band() -> None:
    bands = [(350, 1, "-"), (550, 3, "60 %"), (750, 5, "all")]
    for drawn in band_pictures.pictures({350: 1, 374: 1, 375: 4, 950: 2}, bands):
        assert len(drawn.columns) == 3
        assert max(column.height for column in drawn.columns) == drawn.floor - drawn.top
        assert [part.number for part in drawn.segments] == [1, 2, 3]
        assert all(one.x + one.width <= two.x for one, two in zip(drawn.segments, drawn.segments[1:], strict=False))
        assert [mark.text for mark in drawn.marks] == ["350", "550", "750", "950"]
