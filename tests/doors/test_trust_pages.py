"""My credit with an own score, the income that one declares, and the desk's page of a customer's trust."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from core.models import Approval
from credit.models import HardStop, IncomeDeclaration, LiftRevocation
from credit.services import decisions, incomes, stops, tiers
from credit.services.overrides import Deed
from orders.models import State
from rental.demo import seed
from tests import make
from tests.trust import published

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def customer() -> Customer:
    """Whose source is our own scorecard."""
    seed.scorecard(make.AT)
    draft = tiers.draft_from(make.tiers().pk, "operator:1", make.AT)
    draft.source, draft.rent_share_percent = "own", 33
    draft.save()
    published(draft)
    return make.verified()


def own_score(customer: Customer) -> str:
    """The page after the score was worked out, in English."""
    with make.moment(make.AT):
        assert client_of(customer.user).post(reverse("storefront:credit_own")).status_code == 303
    make.drain(make.AT)
    with make.moment(make.AT):
        answer = client_of(customer.user).get(reverse("storefront:credit"), headers={"Accept-Language": "en"})
    return answer.content.decode()


def test_every_part_of_an_own_score_is_shown_with_its_sum_and_what_would_raise_it(customer: Customer) -> None:
    customer.user.language = "en"
    customer.user.save()
    incomes.declare(customer, make.plan().signed_value, make.AT)  # 5,699.05: 30 points
    shown = own_score(customer)
    found = decisions.latest(customer)
    assert found is not None
    assert found.score == 698
    for words in ("Where 698 comes from", "350 + 348.0 = 698.0", "30 of 70", "Declared monthly income: ¥5,699"):
        assert words in shown
    assert "Income: " not in shown
    assert "A declared monthly income from 6000 yuan" in shown
    assert "1,880.68" in shown  # 33 % of it


@pytest.mark.parametrize(("typed", "status"), [("7000", 303), ("", 422), ("0", 422), ("NaN", 422), ("1e9", 422)])
def test_an_income_is_declared_or_said_to_be_none(customer: Customer, typed: str, status: int) -> None:
    with make.moment(make.AT):
        answer = client_of(customer.user).post(reverse("storefront:credit_income"), {"amount": typed})
    assert answer.status_code == status
    assert IncomeDeclaration.objects.count() == (status == 303)


def test_a_declaration_is_taken_back(customer: Customer) -> None:
    incomes.declare(customer, make.plan().signed_value, make.AT)
    with make.moment(make.AT):
        client_of(customer.user).post(reverse("storefront:credit_income"), {"withdraw": "1"})
    assert incomes.standing(customer) is None


@pytest.mark.parametrize("name", ["credit_own", "credit_income"])
def test_a_stranger_is_sent_to_sign_in(name: str) -> None:
    answer = Client().post(reverse(f"storefront:{name}"))
    assert (answer.status_code, IncomeDeclaration.objects.count()) == (302, 0)


@pytest.mark.parametrize("step", ["revoke-lift", "stop"])
def test_who_is_no_operator_reads_and_does_nothing(customer: Customer, step: str) -> None:
    page = reverse("desk:trust", args=[customer.number])
    act = reverse("desk:trust_act", args=[customer.number, step])
    for user in (customer.user, make.merchant_member()):
        assert client_of(user).get(page).status_code in {302, 303, 403, 404}
        client_of(user).post(act, {"kind": "FRAUD", "grounds": "because"})
    assert not HardStop.objects.exists()
    assert not LiftRevocation.objects.exists()


def test_the_desk_sees_everything_and_acts_with_grounds(customer: Customer) -> None:
    own_score(customer)
    desk, page = client_of(make.operator()), reverse("desk:trust", args=[customer.number])
    with make.moment(make.AT):
        shown = desk.get(page).content.decode()
        assert "653" in shown
        assert make.NAME not in shown  # masked
        for step, kind in (("stop", "FRAUD"), ("revoke-lift", "")):
            act = reverse("desk:trust_act", args=[customer.number, step])
            desk.post(act, {"kind": kind, "grounds": " "})
            assert not HardStop.objects.filter(kind=kind).exists()
            desk.post(act, {"kind": kind, "grounds": "seen in person"})
    assert HardStop.objects.get().grounds == LiftRevocation.objects.get().grounds == "seen in person"


def test_a_stop_is_explained_to_staff_lifted_by_two_and_never_told_to_its_customer(customer: Customer) -> None:
    own_score(customer)
    stop = stops.add(customer, "FRAUD", "suspected_fraud", "platform", make.AT, visit_number="XV1")
    one, two, page = make.operator(), make.operator("second"), reverse("desk:trust", args=[customer.number])
    lift = reverse("desk:trust_act", args=[customer.number, "lift-stop"])
    with make.moment(make.AT):
        shown = client_of(one).get(page, headers={"Accept-Language": "en"}).content.decode()
        assert "Field visit XV1" in shown
        home = client_of(customer.user).get(reverse("storefront:credit"), headers={"Accept-Language": "en"})
        assert "XV1" not in home.content.decode()
        assert "fraud" not in home.content.decode()
        assert client_of(one).post(lift.replace("lift-stop", "lift"), {}).status_code == 404
        client_of(one).post(lift, {"row": stop.pk + 1, "grounds": "another one's"})
        assert not Approval.objects.filter(kind="hard_stop").exists()
        decide = client_of(one).post(lift, {"row": stop.pk, "grounds": "the wrong door"})["Location"]
        assert decide in client_of(one).get(page).content.decode()
        client_of(one).post(decide)
        assert stops.of(customer)
        assert "XV1" in client_of(two).get(decide).content.decode()
        client_of(two).post(decide)
    assert not stops.of(customer)


def test_another_grade_waits_for_a_second_person(customer: Customer) -> None:
    own_score(customer)
    typed = {"grade": "650", "limit": "", "reason": "long known"}
    with make.moment(make.AT):
        answer = client_of(make.operator()).post(reverse("desk:trust", args=[customer.number]), typed)
        asked = Approval.objects.get(kind=Deed.WAIVER)
        assert answer["Location"] == reverse("desk:approval", args=[asked.pk])
        told = client_of(make.operator("second")).get(answer["Location"])
        assert told.status_code == 200
        client_of(make.operator("second")).post(answer["Location"])
    found = decisions.latest(customer)
    assert found is not None
    assert found.made_by == f"operator:{make.operator().pk}"


def test_a_review_has_the_score_the_past_and_the_sum_on_one_page(customer: Customer) -> None:
    own_score(customer)
    order = make.order(of=customer)
    assert order.state == State.PLACED
    with make.moment(make.AT):
        shown = client_of(make.operator()).get(reverse("desk:order", args=[order.number])).content.decode()
    assert 'id="trust"' in shown
    assert reverse("desk:trust", args=[customer.number]) in shown
