"""The tier editor's form: one row per band, "to" following from the next "from", so that no gap can be entered."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import money
from credit.models import Outcome, WaiverTier
from credit.rules.grading import HIGHEST, LOWEST, Band

MOST = 12


class BandForm(forms.Form):
    """One band. `share` is yuan or per cent, as `waives` says; a band that refuses gives nothing."""

    from_score = forms.IntegerField(label=_("From"), min_value=LOWEST, max_value=HIGHEST)
    grade = forms.CharField(label=_("Grade"), max_length=2)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    waives = forms.ChoiceField(label=_("Way"), choices=WaiverTier.Waives.choices)
    share = forms.DecimalField(label=_("Waives (¥ or %)"), min_value=0, max_digits=12, decimal_places=2)
    quota_limit = forms.DecimalField(label=_("Quota (¥)"), min_value=0, max_digits=12, decimal_places=2)
    checkout_cap = forms.DecimalField(label=_("Cap per checkout (¥)"), min_value=0, max_digits=12, decimal_places=2)
    devices = forms.IntegerField(label=_("Devices"), min_value=0, max_value=99)
    rent_off_percent = forms.IntegerField(label=_("Off the rent (%)"), min_value=0, max_value=50)
    longest_term = forms.IntegerField(label=_("Longest term (months)"), min_value=1, max_value=60, required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("waives") == WaiverTier.Waives.PERCENT and "share" in given:
            share = given["share"]
            if share > 100 or share != share.to_integral_value():
                self.add_error("share", _("A whole percentage of at most 100."))
        return given

    def band(self) -> Band:
        given = self.cleaned_data
        refuses = given["outcome"] == Outcome.REFUSE
        way, share = given["waives"], Decimal(0) if refuses else given["share"]
        return Band(
            from_score=given["from_score"],
            grade=given["grade"],
            outcome=given["outcome"],
            waives=way,
            amount=money.exact(share) if way == WaiverTier.Waives.AMOUNT else money.ZERO,
            percent=int(share) if way == WaiverTier.Waives.PERCENT else 0,
            quota_limit=money.ZERO if refuses else money.exact(given["quota_limit"]),
            checkout_cap=money.ZERO if refuses else money.exact(given["checkout_cap"]),
            devices=given["devices"],
            rent_off_percent=given["rent_off_percent"],
            longest_term=given["longest_term"],
        )


class TableForm(forms.Form):
    """What stands beside the bands: the floor, and the figures as they were on the page."""

    deposit_floor = forms.DecimalField(
        label=_("Deposit floor per device (¥)"), min_value=0, max_digits=12, decimal_places=2
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why the draft is handed on; the second person reads it."""

    reason = forms.CharField(label=_("Why"), min_length=4, max_length=300)


def bound(posted: QueryDict) -> list[BandForm]:
    """The rows as they were posted."""
    given = posted.get("rows", "")
    count = min(int(given), MOST) if given.isdecimal() else 0
    return [BandForm(posted, prefix=f"b{i}", label_suffix="") for i in range(count)]


def unbound(bands: Sequence[Band]) -> list[BandForm]:
    return [BandForm(initial=_initial(band), prefix=f"b{i}", label_suffix="") for i, band in enumerate(bands)]


def change(bands: list[Band], act: str) -> list[Band]:
    """What a button of the form asks for: `add`, `remove:2`, `move:2:-1`; anything else changes nothing."""
    bands = sorted(bands, key=lambda band: band.from_score)
    verb, *numbers = act.split(":")
    places = [int(number) for number in numbers if number.lstrip("-").isdecimal()]
    if verb == "add" and len(bands) < MOST:
        return _split(bands)
    if verb == "remove" and places and 0 < places[0] < len(bands):
        return bands[: places[0]] + bands[places[0] + 1 :]
    if verb == "move" and len(places) == 2 and 0 < places[0] < len(bands):
        return _moved(bands, *places)
    return bands


def _split(bands: list[Band]) -> list[Band]:
    """The widest band in two, of the same figures."""
    ends = [band.from_score for band in bands[1:]] + [HIGHEST + 1]
    widest = max(range(len(bands)), key=lambda i: ends[i] - bands[i].from_score)
    middle = (bands[widest].from_score + ends[widest]) // 2
    return [*bands[: widest + 1], _at(bands[widest], middle, _new_grade(bands)), *bands[widest + 1 :]]


def _moved(bands: list[Band], place: int, by: int) -> list[Band]:
    """A boundary moves until it meets its neighbour's."""
    lowest = bands[place - 1].from_score + 1
    highest = bands[place + 1].from_score - 1 if place + 1 < len(bands) else HIGHEST
    start = max(lowest, min(highest, bands[place].from_score + by))
    return [*bands[:place], _at(bands[place], start, bands[place].grade), *bands[place + 1 :]]


def _at(band: Band, from_score: int, grade: str) -> Band:
    return replace(band, from_score=from_score, grade=grade)


def _new_grade(bands: list[Band]) -> str:
    taken = {band.grade for band in bands}
    return next(letter for letter in "NOPQRTUVWXYZ" if letter not in taken)


def _initial(band: Band) -> dict[str, Any]:
    share = band.percent if band.waives == WaiverTier.Waives.PERCENT else band.amount
    return {
        "from_score": band.from_score,
        "grade": band.grade,
        "outcome": band.outcome,
        "waives": band.waives,
        "share": share,
        "quota_limit": band.quota_limit,
        "checkout_cap": band.checkout_cap,
        "devices": band.devices,
        "rent_off_percent": band.rent_off_percent,
        "longest_term": band.longest_term,
    }
