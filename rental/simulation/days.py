"""The days of a simulation, one after the other; the last ones without faults, until every question is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import Count

from accounts.models import User
from core import calendar, invariants
from core.models import Mishap
from rental.demo import seed
from rental.simulation import people, presses, weather
from rental.simulation import staff as desks
from rental.simulation.people import Person
from rental.simulation.stage import Stage

Say = Callable[[str], None]
ARRIVALS = 0.4  # of the time during which customers come in
SETTLED_AFTER = timedelta(days=3)
HOURS = (9, 12, 15, 20)


@dataclass(frozen=True)
class Wish:
    """What is simulated; `until` is the last instant, `orders_a_day` what a customer without one looks for."""

    customers: int
    days: int
    seed: int
    until: datetime
    orders_a_day: float = 0.02


def run(wish: Wish, say: Say) -> Stage:
    """Everything from an empty platform on; the stage with its tally."""
    first = wish.until - timedelta(days=wish.days)
    seed.stage(first)
    for login in (desks.SECOND, desks.COLLECTOR):
        _colleague(login, first)
    stage, folk = Stage(wish.seed, first), dict[int, Person]()
    day, last, down = calendar.business_date(first), calendar.business_date(wish.until - SETTLED_AFTER), 0
    while day < last:
        down = max(down - 1, 0) or weather.is_beat_down(stage)
        _come_in(stage, folk, wish, (day - calendar.business_date(first)).days)
        _day(stage, folk, wish, day, beats=not down)
        if day.day == 1:
            say(f"{day} · {len(folk)} customers · {sum(stage.tally.values())} acts")
        day += timedelta(days=1)
    weather.clear()
    while stage.at < wish.until:
        stage.come_to(stage.at + timedelta(hours=4))
        stage.business_day()
        stage.tick()
    return stage


def broken() -> dict[str, int]:
    """The invariants that do not hold, and days' work that still fails: name → how often."""
    counts = {f"{each.number} {each.name}": invariants.violations(each) for each in invariants.all_invariants()}
    failing = Mishap.objects.filter(cleared_at=None).values_list("job", "error").annotate(rows=Count("pk")).order_by()
    counts |= {f"mishaps of {job}: {error}": rows for job, error, rows in failing}
    return {name: count for name, count in counts.items() if count}


def _day(stage: Stage, folk: dict[int, Person], wish: Wish, day: date, *, beats: bool) -> None:
    for hour in HOURS:
        minute = stage.chance.randint(10, 50)
        stage.come_to(calendar.instant(day, hour, minute))
        if beats:
            stage.tick()
        match hour:
            case 9:
                weather.come(stage)
            case 12:
                if beats:
                    stage.business_day()
                desks.work(stage)
            case 15:
                presses.look(stage, folk)
                presses.hurry(stage, folk)
            case _:
                people.pay_due(stage, folk)
                standing = people.standing()
                for person in folk.values():
                    people.shop(stage, person, standing[person.customer.pk], wish.orders_a_day)
                    if stage.happens(0.01):
                        people.live(stage, person)
                presses.hurry(stage, folk)


def _come_in(stage: Stage, folk: dict[int, Person], wish: Wish, day: int) -> None:
    """Evenly, during the first part of the time."""
    due = min(wish.customers, int(wish.customers * (day + 1) / max(1, wish.days * ARRIVALS)))
    while len(folk) < due:
        person = people.come_in(stage, wish.seed * 10_000 + len(folk) + 1)
        if person is None:
            break
        folk[person.customer.pk] = person


def _colleague(login: str, at: datetime) -> None:
    rights = {"kind": User.Kind.OPERATOR, "is_staff": True, "is_superuser": True}
    User.objects.create(login=login, password=make_password(None), joined_at=at, **rights)
