"""Pictures, people and visits for the tests of what a review may ask for."""

import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from accounts.models import User
from accounts.services.contacts import Person
from core import calendar
from orders.models import Order
from orders.services import demands
from rental.demo import cast
from visits.models import FieldAgent, Visit
from visits.rules.findings import Check
from visits.services import visits
from visits.services.visits import Findings

CONTACT = Person("林建国", "13700000001", "PARENT")
GOOD = {"met": True, "lives_there": True}


def picture(size: tuple[int, int] = (640, 480), kind: str = "JPEG", **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 180, 90)).save(out, kind, **how)
    return out.getvalue()


def agent(login: str = "agent-wang", name: str = "王海") -> FieldAgent:
    found = FieldAgent.objects.filter(user__login=login).first()
    if found:
        return found
    user = User.objects.create_user(login, cast.PASSWORD, kind=User.Kind.AGENT)
    return FieldAgent.objects.create(
        user=user, name=name, badge=f"FA-{FieldAgent.objects.count() + 1:03d}", region="深圳市"
    )


def demanded(order: Order, kind: str, at: datetime, *wanted: str) -> None:
    demands.raise_(order.pk, kind, wanted, "收件地址与登记不同", "operator:1", at)


def tomorrow(at: datetime, hour: int = 15) -> datetime:
    return calendar.instant(calendar.business_date(at) + timedelta(days=1), hour)


def appointed(order: Order, at: datetime, by: FieldAgent | None = None) -> Visit:
    """A demanded visit with an appointment for tomorrow at three."""
    demanded(order, "VISIT", at, "RESIDENCE")
    made = visits.of_order(order.number)
    assert made is not None
    visits.assign(made.pk, (by or agent()).pk, "operator:1", at)
    visits.propose(made.pk, [tomorrow(at), tomorrow(at, 18)], "operator:1", at)
    [first, _second] = visits.open_times(made, at)
    return visits.choose(made.pk, first.pk, f"customer:{order.customer_id}", at)


def findings(visit: Visit, **found: str) -> Findings:
    """Every paper matches but for those named: RESIDENCE="MISMATCH"."""
    papers = {code: (found.get(code, Check.MATCHES.value), "") for code in visit.papers.values_list("code", flat=True)}
    return Findings(met=True, lives_there=True, papers=papers, remarks="住在此处，证件相符")
