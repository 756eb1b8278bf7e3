"""A tier table at the desk: its rows with what changed, and what it would change for customers and in yuan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core import calendar, money
from core.templatetags.xinzu import percent, yuan
from credit.models import Outcome, TierSet
from credit.rules import impact
from credit.rules.grading import HIGHEST, Band
from credit.rules.impact import Movement, Table, Waived
from credit.services import tiers
from credit.services.tiers import Proposal
from orders.services import applications


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a band, before and now; `band` names the scores."""

    band: str
    what: str
    before: str
    now: str

    def __str__(self) -> str:
        return _("%(band)s: %(what)s %(before)s → %(now)s") % {
            "band": self.band,
            "what": self.what,
            "before": self.before,
            "now": self.now,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One band of the editor: where it ends, who stands there, what the table in force says of it."""

    number: int
    rank: int
    band: Band
    last: int
    people: int
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Effect:
    """What the draft would change, beside the table in force."""

    movement: Movement
    before: Waived | None
    after: Waived
    orders: int

    @property
    def quota_grows(self) -> bool:
        return self.movement.quota_after > self.movement.quota_before

    @property
    def quota_difference(self) -> Decimal:
        return abs(self.movement.quota_after - self.movement.quota_before)

    @property
    def waiver_grows(self) -> bool:
        return self.after.amount > (self.before.amount if self.before else money.ZERO)

    @property
    def waiver_difference(self) -> Decimal:
        return abs(self.after.amount - (self.before.amount if self.before else money.ZERO))


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page draws; `effect` is None for a table that cannot stand."""

    tier_set: TierSet
    present: TierSet | None
    rows: list[Row]
    changes: list[str]
    objections: list[str]
    people: dict[int, int]
    effect: Effect | None
    seen: str


def shown(tier_set: TierSet, at: datetime) -> Shown:
    """A constant number of queries."""
    present = tiers.in_force()
    bands = tiers.bands(tier_set)
    old = _table(present) if present and present.pk != tier_set.pk else None
    people = tiers.scores(calendar.business_date(at))
    found = [tiers.explain(each) for each in tiers.objections(tier_set)]
    return Shown(
        tier_set=tier_set,
        present=present,
        rows=_rows(bands, old.bands if old else (), {} if found else impact.people_in(people, bands)),
        changes=differences(tiers.proposal(tier_set), present),
        objections=found,
        people=people,
        effect=None if found else _effect(people, old, _table(tier_set), at),
        seen=tiers.fingerprint(tier_set),
    )


def differences(wanted: Proposal, present: TierSet | None = None) -> list[str]:
    """Line by line against the table in force; all of its bands when there is none."""
    present = present or tiers.in_force()
    old = tiers.proposal(present) if present else None
    found = [str(change) for change in _changes(wanted.bands, old.bands if old else ())]
    found += [_("%(band)s falls away") % {"band": name} for name in _gone(wanted.bands, old.bands if old else ())]
    return found + (_other_figures(old, wanted) if old else [])


def _other_figures(old: Proposal, wanted: Proposal) -> list[str]:
    """What stands beside the bands, by the names that the admin gives it."""
    found = []
    for what in tiers.COPIED:
        before, now = getattr(old, what), getattr(wanted, what)
        if before != now:
            called = str(TierSet._meta.get_field(what).verbose_name)  # type: ignore[union-attr]
            found.append(str(Change(_("all bands"), called, _plain(before), _plain(now))))
    if old.demands != wanted.demands:
        found.append(_("what is asked for before an order goes on is changed"))
    return found


def _plain(value: object) -> str:
    return "–" if value is None else str(value)


def name(band: Band, bands: Sequence[Band]) -> str:
    """620–679."""
    return f"{band.from_score}–{last_of(band, bands)}"


def last_of(band: Band, bands: Sequence[Band]) -> int:
    """ "To" follows from the next "from"."""
    above = [other.from_score for other in bands if other.from_score > band.from_score]
    return min(above) - 1 if above else HIGHEST


def share(band: Band) -> str:
    """What the band waives, in a word: nothing, ¥1,000.00, 60 %, all."""
    if band.outcome == Outcome.REFUSE:
        return _("nothing")
    if band.waives == "ALL":
        return _("all of it")
    return percent(Decimal(band.percent) / 100, 0) if band.waives == "PERCENT" else yuan(band.amount)


def _table(tier_set: TierSet) -> Table:
    return Table(tuple(tiers.bands(tier_set)), tier_set.deposit_floor)


def _effect(people: dict[int, int], old: Table | None, new: Table, at: datetime) -> Effect:
    past = applications.recent(at)
    before = impact.waived(past, old) if old else None
    orders = sum(each.count for each in past)
    return Effect(impact.movement(people, old, new), before, impact.waived(past, new), orders)


def _rows(bands: Sequence[Band], old: Sequence[Band], people: dict[int, int]) -> list[Row]:
    made = []
    for number, band in enumerate(sorted(bands, key=lambda band: band.from_score), start=1):
        changes = _changes([band], old, bands) if old else []
        rank = 1 + (number - 1) * 4 // max(len(bands) - 1, 1)
        made.append(Row(number, rank, band, last_of(band, bands), people.get(band.from_score, 0), changes))
    return made


def _changes(bands: Sequence[Band], old: Sequence[Band], among: Sequence[Band] = ()) -> list[Change]:
    """A band is compared with the old one of its grade, else of its first score."""
    found: list[Change] = []
    for band in bands:
        called, was = name(band, among or bands), _counterpart(band, old)
        if was is None:
            found.append(Change(called, _("new band"), "–", share(band)))
        else:
            found += [
                Change(called, str(what), before, now)
                for (what, before), (_what, now) in zip(_figures(was), _figures(band), strict=True)
                if before != now
            ]
    return found


def _gone(bands: Sequence[Band], old: Sequence[Band]) -> list[str]:
    kept = {id(was) for band in bands if (was := _counterpart(band, old)) is not None}
    return [name(was, old) for was in old if id(was) not in kept]


def _counterpart(band: Band, old: Sequence[Band]) -> Band | None:
    of_grade = [was for was in old if was.grade == band.grade]
    return next(iter(of_grade or [was for was in old if was.from_score == band.from_score]), None)


def _figures(band: Band) -> list[tuple[str | Promise, str]]:
    return [
        (_("begins at"), str(band.from_score)),
        (_("outcome"), str(Outcome(band.outcome).label)),
        (_("waives"), share(band)),
        (_("quota limit"), yuan(band.quota_limit)),
        (_("cap per checkout"), yuan(band.checkout_cap)),
        (_("devices"), str(band.devices)),
        (_("off the rent"), percent(Decimal(band.rent_off_percent) / 100, 0)),
        (_("longest term in months"), str(band.longest_term or "–")),
    ]
