"""Whoever works at a desk beside the orders' own buttons: second persons, collectors, who mends refunds, decides about
damage, reads papers."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from accounts.models import Contact, Document
from accounts.services.contacts import Person
from arrears.models import CollectionCase, HardshipRequest
from arrears.services import cases, hardship, letters, promises
from billing.services import failed_refunds, overdue
from core import money
from core.money import ZERO
from core.services import approvals
from credit.models import Demand
from desk import second_person
from orders.models import AccountLock, DamageClaim, Order
from orders.services import answers, claims, inspections
from rental.demo import asking
from rental.simulation.stage import Stage, operator

STAFF, SECOND, COLLECTOR = "operator", "second", "collector"
Turn = Callable[[Stage], None]


def work(stage: Stage) -> None:
    """A day at the desk."""
    for turn in (decide, mend_refunds, judge_damage, call, relieve, answer_demands, read_papers, unlock):
        turn(stage)


def decide(stage: Stage) -> None:
    """Who asked may not decide; another may."""
    for asked in list(approvals.waiting()):
        if not stage.happens(0.7):
            continue
        who = f"operator:{operator(SECOND).pk}"
        if stage.happens(0.85):
            kind = second_person.kind(asked)
            stage.act(f"approve {asked.kind}", kind.carry_out, asked.pk, who, stage.at)
        else:
            stage.act("refuse as second", approvals.refuse, asked.pk, who, "不同意", stage.at)


def mend_refunds(stage: Stage) -> None:
    for failed in list(failed_refunds.waiting()):
        who = f"operator:{operator(STAFF).pk}"
        if stage.happens(0.5):
            stage.act("try refund again", failed_refunds.try_again, failed.pk, who, stage.at)
        elif stage.happens(0.3):
            reference = f"HAND{stage.chance.randrange(10**9)}"
            told = failed_refunds.Transfer(failed.number, failed.amount, reference, stage.at, "银行转账")
            stage.act("pay refund by hand", failed_refunds.pay, told, who, stage.at)


def judge_damage(stage: Stage) -> None:
    for claim in DamageClaim.objects.filter(state=DamageClaim.State.DISPUTED).order_by("pk"):
        if stage.happens(0.3):
            part = Decimal(stage.chance.choice(["0", "0.5", "1"]))
            awards = {each.code: ZERO if each.covered else money.fen(each.amount * part) for each in claim.lines.all()}
            who = f"operator:{operator(STAFF).pk}"
            stage.act("decide claim", claims.decide, claim.order_id, awards, "按照片", who, stage.at)


def call(stage: Stage) -> None:
    """Collectors try at any hour; the guard says when they may not."""
    who = f"operator:{operator(COLLECTOR).pk}"
    for case in CollectionCase.objects.filter(state=CollectionCase.State.OPEN).order_by("pk"):
        if not stage.happens(0.15):
            continue
        dialled = stage.act("call", cases.dial, case.pk, who, stage.at)
        if dialled is not None:
            spoken = stage.chance.choice([0, 20, 90])
            stage.act("hang up", cases.hang_up, case.pk, dialled.call.pk, spoken, "答应会付", who, stage.at)
        if stage.happens(0.05):
            stage.act("demand in writing", letters.issue, case.pk, who, stage.at)
        owed = overdue.of([case.lease_id], stage.on).get(case.lease_id)
        if owed and stage.happens(0.4):
            until = stage.on + timedelta(days=stage.chance.randint(0, 20))
            stage.act("take promise", promises.make, case.pk, owed.amount, until, who, stage.at)


def relieve(stage: Stage) -> None:
    for asked in HardshipRequest.objects.filter(state=HardshipRequest.State.OPEN).order_by("pk"):
        if stage.happens(0.5):
            who = f"operator:{operator(COLLECTOR).pk}"
            stage.act("answer relief", hardship.answer, asked.pk, "可以分期", who, stage.at)


def answer_demands(stage: Stage) -> None:
    """Customers bring what was asked for, mostly."""
    for demand in Demand.objects.filter(state=Demand.State.OPEN).order_by("pk"):
        if not stage.happens(0.5):
            continue
        order = Order.objects.get(number=demand.order_number)
        if demand.kind == Demand.Kind.DOCUMENTS:
            stage.act("bring paper", answers.add_document, order.pk, demand.wanted[0], asking.badge(), stage.at)
        elif demand.kind in answers.KINDS:
            named = Person("王一", "13700009999", Contact.Relation.FRIEND)
            stage.act("name contact", answers.name_contact, order.pk, demand.kind, named, stage.at)


def read_papers(stage: Stage) -> None:
    who = f"operator:{operator(STAFF).pk}"
    verdicts = ["approve", "approve", "approve", "ask_again", "refuse"]
    for paper in Document.objects.filter(state=Document.State.GIVEN).order_by("pk"):
        verdict = stage.chance.choice(verdicts)
        stage.act("read paper", answers.review_document, paper.pk, verdict, "看过", who, stage.at)
    for named in Contact.objects.filter(state=Contact.State.GIVEN).order_by("pk"):
        verdict = stage.chance.choice(verdicts)
        stage.act("read contact", answers.review_contact, named.pk, verdict, "看过", who, stage.at)


def unlock(stage: Stage) -> None:
    for lock in AccountLock.objects.filter(lifted_at=None, ended_at=None).select_related("order").order_by("pk"):
        if stage.happens(0.3):
            who = f"customer:{lock.order.customer_id}"
            stage.act("lift lock", inspections.lift_lock, lock.order_id, who, stage.at)
