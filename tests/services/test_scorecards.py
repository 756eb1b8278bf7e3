"""Scorecard versions, decisions by the own scorecard, their replay, lifts, stops, incomes and an operator's word."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Customer, User
from core.models import OutboxMessage
from core.services import approvals
from credit.models import CreditReport, Decision, DemandRule, FactorBin, HardStop, QuotaAccount, Scorecard, TierSet
from credit.rules.facts import Record
from credit.services import decisions, factors, incomes, lifts, overrides, reports, scorecards, stops, tiers
from credit.services.overrides import Override
from orders.models import RiskRule
from rental.demo import cast
from tests import cards
from tests.trust import AT, ON, PHONE, draft, graded, id_number, proven, published, report, signed_up, tiers_in_force

pytestmark = pytest.mark.django_db
D = Decimal
GOOD = Record(completed_leases=2, kept_leases=2, bills_paid=24)


def table(**fields: object) -> TierSet:
    """The table of the design with other rules beside its bands."""
    return tiers_in_force(**fields)


def own(customer: Customer, record: Record = Record()) -> Decision:  # noqa: B008 - frozen
    """Ask for the own scorecard and have it worked out."""
    asked = reports.ask_own(customer, AT)
    reports.fetch(asked.pk, AT, record)
    return Decision.objects.get(report=asked)


def test_the_casts_card_is_the_documented_one() -> None:
    assert cards.documented() == cast.SCORECARD


def test_a_published_card_is_read_back_as_it_was_written() -> None:
    assert scorecards.card(cards.in_force()) == cards.documented()


def test_publishing_supersedes_the_card_before_and_names_what_is_wrong() -> None:
    first = cards.in_force()
    second = scorecards.draft_from(first.pk, "operator:1", AT)
    assert scorecards.card(second) == scorecards.card(first)
    Scorecard.objects.filter(pk=second.pk).update(identity_weight=19)
    with pytest.raises(scorecards.ScorecardRefused) as refusal:
        scorecards.propose(second.pk, "operator:1", "agreed", AT)
    assert "99" in str(refusal.value)
    Scorecard.objects.filter(pk=second.pk).update(identity_weight=20)
    cards.published(second)
    assert [card.state for card in Scorecard.objects.order_by("id")] == ["SUPERSEDED", "PUBLISHED"]
    assert Scorecard.objects.get(pk=first.pk).ended_at == AT
    with pytest.raises(scorecards.ScorecardNotDraft):
        scorecards.publish(second.pk, "operator:1", AT)


def test_nobody_publishes_a_card_alone_nor_another_one_than_was_approved() -> None:
    made = cards.draft()
    with pytest.raises(approvals.ApprovalNeeded):
        scorecards.publish(made.pk, "operator:1", AT)
    asked = scorecards.propose(made.pk, "operator:1", "agreed", AT)
    with pytest.raises(approvals.SamePerson):
        scorecards.carry_out(asked.pk, "operator:1", AT)
    made.bins.filter(factor="age", from_value=0).update(points=1)  # past the admin, between request and yes
    with pytest.raises((approvals.ApprovalNeeded, scorecards.ScorecardRefused)):
        scorecards.carry_out(asked.pk, "operator:2", AT)
    assert scorecards.in_force() is None
    assert approvals.open_for(f"scorecard:{made.version}").get().state == "REQUESTED"


@pytest.mark.parametrize("table", ["credit_scorecard", "credit_tierset", "orders_riskrule"])
def test_raw_sql_puts_nothing_into_force_without_a_second_person(table: str) -> None:
    cards.draft()
    draft()
    RiskRule.objects.create(kind="SHARED_ADDRESS", threshold=2)
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET state = 'PUBLISHED', published_at = now()")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE credit_scorecard SET identity_weight = 100",
        "UPDATE credit_factorbin SET points = 1",
        "DELETE FROM credit_factorbin",
        "DELETE FROM credit_scorecard",
    ],
)
def test_a_published_card_is_never_edited_by_raw_sql_either(sql: str) -> None:
    cards.in_force()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_newcomers_own_score_has_its_parts_and_replays() -> None:
    """Age 30 and a fresh check: identity 80; no address: behaviour 60; 7,000 undocumented: 50; 100; 50. → 728."""
    cards.in_force()
    table(source="own")
    customer = proven()
    incomes.declare(customer, D(7000), AT)
    made = own(customer)
    assert (made.score, made.outcome, made.tier.grade if made.tier else "") == (728, "APPROVE", "A")
    found = decisions.parts(made)
    assert found is not None
    assert [share.points for share in found.shares] == [80, 60, 50, 100, 50]
    assert decisions.replay(made) == made.tier
    cards.draft()  # a later version changes nothing about it
    assert decisions.replay(Decision.objects.get(pk=made.pk)) == made.tier
    assert QuotaAccount.objects.get(customer=customer).limit == 6000


def test_without_an_income_a_person_looks_and_nothing_is_re_weighted() -> None:
    cards.in_force()
    table(source="own")
    made = own(proven())
    assert (made.score, made.outcome) == (653, "REFER")
    assert [reason["code"] for reason in made.reasons] == ["own_score", "missing_factor"]
    assert factors.name("income_monthly") in decisions.explain(made)[1]


@pytest.mark.parametrize("state", ["N/A", "down"])
def test_a_silent_source_is_replaced_by_the_own_card_where_the_table_says_so(state: str) -> None:
    cards.in_force()
    table(falls_back=True)
    customer = proven()
    incomes.declare(customer, D(7000), AT)
    asked = reports.authorised(customer, "code", AT)
    if state == "N/A":
        from integrations.credit import ScoreAnswer

        reports._receive(asked.pk, ScoreAnswer(None, "2088", "biz"), AT)
    else:
        reports._fail(asked.pk, "unavailable", AT)
    made = decisions.current(customer, ON)
    assert made is not None
    assert (made.score, made.source, made.inputs["fell_back"]) == (728, "zhima", True)
    assert made.reasons[0]["code"] == "fell_back"
    assert decisions.replay(made) == made.tier


def test_without_the_fallback_a_silent_source_is_no_decision() -> None:
    cards.in_force()
    table()
    customer = proven()
    reports._fail(reports.authorised(customer, "code", AT).pk, "unavailable", AT)
    assert decisions.current(customer, ON) is None


def test_a_table_that_needs_a_card_waits_for_one() -> None:
    with pytest.raises(tiers.TierSetRefused) as refusal:
        table(source="own")
    assert [each.code for each in refusal.value.objections] == ["no_scorecard"]


def test_an_admission_answer_has_the_tier_of_its_bar_and_no_score() -> None:
    table(source="zhima_admission", admission_bar=650)
    customer = proven()
    asked = reports.authorised(customer, "code", AT)
    assert (asked.source, asked.bar) == ("zhima_admission", 650)
    from integrations.credit import AdmissionAnswer

    reports._receive(asked.pk, AdmissionAnswer(True, "2088", "biz"), AT)
    made = Decision.objects.get(report=asked)
    assert (made.score, made.tier.from_score if made.tier else 0, made.outcome) == (None, 620, "APPROVE")
    assert [reason["code"] for reason in made.reasons] == ["admitted"]
    assert decisions.replay(made) == made.tier


def test_a_no_to_the_bar_refuses_the_waiver_only() -> None:
    from integrations.credit import AdmissionAnswer

    table(source="zhima_admission")
    customer = proven()
    reports._receive(reports.authorised(customer, "code", AT).pk, AdmissionAnswer(False, "2088", "biz"), AT)
    made = decisions.current(customer, ON)
    assert made is not None
    assert (made.outcome, made.reapply_on) == ("REFUSE", ON + timedelta(days=30))
    assert [reason["code"] for reason in made.reasons] == ["not_admitted"]


def test_two_kept_leases_lift_one_tier_and_an_operator_takes_it_back() -> None:
    table()
    customer = proven()
    made = decisions.decide(customer, report(customer, 640), AT, GOOD)
    assert made.tier is not None
    assert (made.tier.grade, made.reasons[1]["code"]) == ("A", "lifted")
    lifts.revoke(customer, "paid by another", "operator:1", AT)
    again = decisions.current(customer, ON)
    assert again is not None
    assert again.tier is not None
    assert (again.tier.grade, again.made_by, again.grounds) == ("C", "operator:1", "paid by another")
    assert (again.valid_until, QuotaAccount.objects.get(customer=customer).limit) == (made.valid_until, 3000)
    with pytest.raises(lifts.LiftRevokedBefore):
        lifts.revoke(customer, "twice", "operator:1", AT)
    later = decisions.decide(customer, report(customer, 640), AT + timedelta(days=1), GOOD)
    assert later.tier is not None
    assert later.tier.grade == "C"  # it holds for the next decision too
    assert lifts.restore(customer, "was a mistake", "operator:2", AT + timedelta(days=1))
    restored = decisions.current(customer, ON + timedelta(days=1))
    assert restored is not None
    assert restored.tier is not None
    assert restored.tier.grade == "A"
    assert all(decisions.replay(each) == each.tier for each in Decision.objects.all())


@pytest.mark.parametrize(("kept", "lift_after", "grade"), [(1, 2, "C"), (2, 2, "A"), (2, 0, "C"), (9, 3, "A")])
def test_the_lift_is_a_rule(kept: int, lift_after: int, grade: str) -> None:
    table(lift_after=lift_after)
    customer = proven()
    made = decisions.decide(customer, report(customer, 640), AT, Record(kept_leases=kept))
    assert made.tier is not None
    assert made.tier.grade == grade


def test_a_rule_asks_for_what_it_names_and_the_fast_track_for_nothing() -> None:
    made = draft(fast_track_from=750)
    for kind, when, last in (("VISIT", "FIRST_LEASE", 950), ("CONTACT", "ALWAYS", 700), ("GUARANTOR", "SHARED", 950)):
        DemandRule.objects.create(tier_set=made, kind=kind, when=when, from_score=350, to_score=last)
    published(made)
    customer = proven()
    asked = decisions.decide(customer, report(customer, 700), AT)
    assert (asked.demands, asked.outcome) == (["CONTACT", "VISIT"], "APPROVE")
    assert decisions.decide(customer, report(customer, 701), AT, GOOD).demands == []
    fast = decisions.decide(customer, report(customer, 750), AT)
    assert (fast.demands, fast.reasons[-1]["code"]) == ([], "fast_track")
    assert decisions.decide(customer, report(customer, 400), AT).demands == []


@pytest.mark.parametrize("kind", HardStop.Kind.values)
def test_a_hard_stop_refuses_the_person_and_any_new_account_of_his(kind: str) -> None:
    table()
    customer = proven()
    stop = stops.add(customer, kind, "court record", "operator:1", AT)
    made = graded(customer, 900)
    assert (made.outcome, made.tier, made.reapply_on) == ("REFUSE", None, None)
    assert [reason["code"] for reason in made.reasons] == [kind.lower()]
    other = signed_up("13800000009")
    assert stops.of(other) == []
    HardStop.objects.filter(pk=stop.pk).update(customer=None)
    User.objects.filter(pk=customer.user_id).update(phone_index=None)
    User.objects.filter(pk=other.user_id).update(phone_index=stop.phone_index)
    customer, other = (Customer.objects.get(pk=each.pk) for each in (customer, other))
    assert stops.of(other) == [stop]
    assert stops.of(customer) == [stop]  # by the ID number alone
    wish = stops.ask_to_lift(customer, stop.pk, "appeal granted", "operator:2", AT)
    stops.carry_out(wish.pk, "operator:3", AT)
    with pytest.raises(stops.NoSuchStop):
        stops.ask_to_lift(customer, stop.pk, "again", "operator:2", AT)
    assert decisions.decide(customer, report(customer, 900), AT).outcome == "APPROVE"


def test_a_person_under_18_is_refused_apart_from_the_score() -> None:
    """The register's door refuses him; the decision would too."""
    table()
    customer = proven(PHONE, id_number(born=ON.replace(year=ON.year - 18)))
    assert graded(customer, 700).outcome == "APPROVE"
    earlier = AT - timedelta(days=1)
    young = decisions.decide(customer, report(customer, 700, earlier), earlier)
    assert (young.outcome, young.reasons[0]["code"]) == ("REFUSE", "under_age")


def _no_grounds(customer: Customer) -> object:
    return stops.add(customer, "FRAUD", "  ", "operator:1", AT)


def _no_reason(customer: Customer) -> object:
    return lifts.revoke(customer, "", "operator:1", AT)


@pytest.mark.parametrize("act", [_no_grounds, _no_reason])
def test_nothing_is_done_without_grounds(act: Callable[[Customer], object]) -> None:
    with pytest.raises(stops.GroundsMissing):
        act(proven())


@pytest.mark.parametrize("amount", ["0", "-1", "1000000.01", "0.001", "NaN"])
def test_what_is_no_income_is_refused(amount: str) -> None:
    with pytest.raises(incomes.IncomeInvalid):
        incomes.declare(proven(), D(amount), AT)


def test_one_income_stands_and_is_taken_back() -> None:
    customer = proven()
    first = incomes.declare(customer, D(7000), AT)
    second = incomes.declare(customer, D(8000), AT)
    assert incomes.standing(customer) == second
    with pytest.raises(incomes.IncomeGone):
        incomes.document(customer, first.pk, "operator:1", AT)
    assert incomes.document(customer, second.pk, "operator:1", AT).documented_by == "operator:1"
    assert incomes.withdraw(customer, AT)
    assert incomes.standing(customer) is None


def test_an_operators_word_needs_a_second_person_and_replays() -> None:
    table()
    customer = proven()
    graded(customer, 640)
    wish = Override(customer.number, 680, D(7000), "long known to us")
    asked = overrides.ask(wish, "operator:1", AT)
    present = decisions.current(customer, ON)
    assert present is not None
    assert present.tier is not None
    assert present.tier.grade == "C"
    with pytest.raises(approvals.SamePerson):
        overrides.carry_out(asked.pk, "operator:1", AT)
    made = overrides.carry_out(asked.pk, "operator:2", AT)
    assert made is not None
    assert made.tier is not None
    assert (made.tier.grade, made.made_by, made.grounds) == ("A", "operator:1", "long known to us")
    assert QuotaAccount.objects.get(customer=customer).limit == 7000
    assert decisions.replay(made) == made.tier
    with pytest.raises(approvals.ApprovalOver):
        overrides.carry_out(asked.pk, "operator:2", AT)


def test_an_operator_may_choose_for_someone_without_a_score_but_never_past_a_stop() -> None:
    table()
    customer = proven()
    asked = overrides.ask(Override(customer.number, 550, None, "a school's letter"), "operator:1", AT)
    made = overrides.carry_out(asked.pk, "operator:2", AT)
    assert made is not None
    assert (made.outcome, made.score, made.source) == ("APPROVE", None, "manual")
    stops.add(customer, "FRAUD", "forged letter", "operator:1", AT)
    again = overrides.ask(Override(customer.number, 750, None, "even so"), "operator:1", AT)
    refused = overrides.carry_out(again.pk, "operator:2", AT)
    assert refused is not None
    assert (refused.outcome, refused.tier) == ("REFUSE", None)


def test_a_wish_for_nothing_or_for_no_band_is_refused() -> None:
    table()
    customer = proven()
    with pytest.raises(overrides.NothingChanged):
        overrides.ask(Override(customer.number, None, None, "just so"), "operator:1", AT)
    with pytest.raises(overrides.GradeUnknown):
        overrides.ask(Override(customer.number, 551, None, "no such band"), "operator:1", AT)


def test_a_score_that_was_delayed_is_asked_for_with_its_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is spent at the first try: asking with it again would be refused for ever."""
    from integrations import registry
    from integrations.credit import ScoreAnswer, ScoreDelayed

    table()
    codes: list[str] = []

    class Source:
        def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
            codes.append(auth_code)
            if len(codes) == 1:
                raise ScoreDelayed("busy", grant="grant:token:2088")
            return ScoreAnswer(700, "2088", "biz")

    monkeypatch.setattr(registry, "credit", lambda name="zhima": Source())
    customer = proven()
    asked = reports.authorised(customer, "code", AT)
    with pytest.raises(ScoreDelayed):
        reports.fetch(asked.pk, AT)
    reports.fetch(asked.pk, AT + timedelta(minutes=5))
    assert codes == ["code", "grant:token:2088"]
    assert CreditReport.objects.get(pk=asked.pk).state == "RECEIVED"


def test_an_own_score_is_asked_for_once_and_not_where_the_source_is_anothers() -> None:
    cards.in_force()
    table()
    customer = proven()
    with pytest.raises(reports.SourceIsAnothers):
        reports.ask_own(customer, AT)
    published(draft(source="own"))
    with pytest.raises(reports.SourceIsOurs):
        reports.authorise_url(customer)
    assert reports.ask_own(customer, AT) == reports.ask_own(customer, AT)
    assert OutboxMessage.objects.filter(topic="credit.report_requested").count() == 1
    with pytest.raises(reports.IdentityFirst):
        reports.ask_own(signed_up("13800000002"), AT)


def test_an_unknown_factor_is_named_before_publishing() -> None:
    card = cards.draft()
    FactorBin.objects.create(scorecard=card, factor="friends", dimension="network", from_value=0, points=0)
    assert [each.code for each in scorecards.objections(card)] == ["unknown_factor"]


@pytest.mark.parametrize("sql", ["lifted_at = now()", "grounds = 'none'", "phone_index = ''"])
def test_raw_sql_lifts_no_stop_and_changes_none(sql: str) -> None:
    stops.add(proven(), "FRAUD", "forged letter", "operator:1", AT)
    with pytest.raises(IntegrityError, match="hard stop"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE credit_hardstop SET {sql}")
