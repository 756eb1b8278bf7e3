"""What reviewers asked of some customers of the demo, and how it went: papers that are not all there, a visit today, a
visit that is over and rated. Each is a list of steps at their instants, by the real services."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import calendar
from orders.models import Order
from orders.services import answers, demands
from rental.demo import cast
from visits.models import FieldAgent, Visit
from visits.rules.findings import Check
from visits.services import opinions, visits
from visits.services.visits import Findings

Step = Callable[[datetime], object]
ASKED, ANSWERED = timedelta(minutes=40), timedelta(minutes=95)
LOOKED = timedelta(minutes=45)  # from the appointment to the report


@dataclass(frozen=True)
class Asking:
    """`approved_at`: when the reviewer says yes; None for an order that still waits."""

    steps: list[tuple[datetime, Step]]
    approved_at: datetime | None = None


def papers(order: Order, at: datetime, until: datetime, operator: str) -> Asking:
    """Two papers were asked for, one is there."""
    return Asking(
        [
            (at + ASKED, lambda now: demands.raise_(
                order.pk, "DOCUMENTS", ["WORK", "HOUSEHOLD"], "工作单位与申请不一致", operator, now)),
            (at + ANSWERED, lambda now: answers.add_document(order.pk, "WORK", badge(), now)),
        ]
    )  # fmt: skip


def visit_today(order: Order, at: datetime, until: datetime, operator: str) -> Asking:
    """The appointment is this evening, the agent's name stands on the customer's page."""
    evening = calendar.instant(calendar.business_date(until), 18)
    return Asking(_arranged(order, at, [evening, evening + timedelta(days=1)], operator))


def visited(order: Order, at: datetime, until: datetime, operator: str) -> Asking:
    """The agent came the next morning, everything matched, the customer gave five stars."""
    morning = calendar.instant(calendar.business_date(at) + timedelta(days=1), 10)
    reported = morning + LOOKED
    return Asking(
        [
            *_arranged(order, at, [morning, morning + timedelta(hours=8)], operator),
            (reported, lambda now: _report(order, now)),
            (reported + timedelta(hours=1), lambda now: opinions.rate(_visit(order).pk, 5, "很客气，很快", now)),
        ],
        approved_at=reported + timedelta(minutes=25),
    )


SCENES: dict[str, Callable[[Order, datetime, datetime, str], Asking]] = {
    "papers": papers,
    "visit_today": visit_today,
    "visited": visited,
}


def _arranged(order: Order, at: datetime, times: list[datetime], operator: str) -> list[tuple[datetime, Step]]:
    def arrange(now: datetime) -> None:
        demands.raise_(order.pk, "VISIT", ["RESIDENCE"], "收货地址与登记地址不同", operator, now)
        visit = _visit(order)
        visits.assign(visit.pk, _agent().pk, operator, now)
        visits.propose(visit.pk, times, operator, now)

    def choose(now: datetime) -> None:
        visit = _visit(order)
        visits.choose(visit.pk, visits.open_times(visit, now)[0].pk, f"customer:{order.customer_id}", now)

    return [(at + ASKED, arrange), (at + ANSWERED, choose)]


def _report(order: Order, at: datetime) -> None:
    visit = _visit(order)
    seen = dict.fromkeys(visit.papers.values_list("code", flat=True), (Check.MATCHES.value, ""))
    answers.report_visit(visit.pk, Findings(True, True, seen, "本人在家，证件相符"), f"agent:{_agent().user_id}", at)


def _visit(order: Order) -> Visit:
    found = visits.of_order(order.number)
    assert found is not None
    return found


def _agent() -> FieldAgent:
    return FieldAgent.objects.get(user__login=next(iter(cast.AGENTS)))


def badge() -> bytes:
    """An invented badge, as a phone would photograph it."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1280, 860), (226, 222, 210))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((140, 110, 1140, 750), 36, fill=(252, 251, 248), outline=(110, 116, 112), width=6)
    pen.rectangle((140, 190, 1140, 280), fill=(11, 93, 85))
    pen.rounded_rectangle((220, 350, 460, 660), 18, fill=(196, 204, 198))
    for line in range(5):
        pen.rectangle((540, 370 + 62 * line, 1060 - 90 * (line % 2), 392 + 62 * line), fill=(170, 176, 172))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
