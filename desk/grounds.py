"""Why a decision is what it is, in the words of those who work with it: about the customer, never to the customer."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.models import Decision
from credit.services import decisions

SHORT: dict[str, str | Promise] = {
    "score": _("%(score)s points, grade %(grade)s"),
    "needs_review": _("Grade %(grade)s is decided by a person"),
    "below_entry": _("%(score)s points; a waiver starts at %(needed)s"),
    "own_score": _("%(score)s points by our scorecard, grade %(grade)s"),
    "fell_back": _("The source was silent; our scorecard answered"),
    "admitted": _("Passes the source's bar, grade %(grade)s"),
    "not_admitted": _("Does not pass the source's bar"),
    "lifted": _("%(leases)s leases kept: lifted from grade %(from_grade)s to %(grade)s"),
    "missing_factor": _("Not known: %(factors)s"),
    "fast_track": _("Fast track: nothing more asked for"),
    "demand": _("Asked for: %(kind)s"),
    "manual": _("Grade %(grade)s set by an operator"),
    "blocked": _("The account is blocked"),
    "blacklist": _("On the blacklist"),
    "fraud": _("Confirmed fraud"),
    "under_age": _("Under 18"),
    "identity": _("Identity not proved"),
}
BESIDE = ("score", "own_score", "fast_track")  # told by the score's own column
ENDED: dict[str, str | Promise] = {
    "replaced": _("replaced by a newer decision"),
    "remade": _("made again by an operator"),
    "overdue": _("ended by a bill more than 7 days past due"),
}


def of(decision: Decision) -> list[str]:
    """Every reason of the decision as one short line."""
    known = _figures(decision)
    return [_told(reason, known) for reason in decision.reasons]


def referral(decision: Decision | None) -> str:
    """Why a person must look, without the score that stands beside it."""
    if decision is None:
        return ""
    known = _figures(decision)
    return " · ".join(_told(reason, known) for reason in decision.reasons if reason["code"] not in BESIDE)


def _told(reason: dict[str, Any], known: dict[str, object]) -> str:
    return str(SHORT.get(reason["code"], reason["code"])) % {**known, **decisions.in_words(reason["params"])}


def _figures(decision: Decision) -> dict[str, object]:
    """Figures that any reason may name: a later one leaves out what an earlier one said."""
    reasons: Iterable[dict[str, dict[str, object]]] = decision.reasons
    known: dict[str, object] = {"score": "–", "grade": "–", "needed": "–"}
    for reason in reasons:
        known |= reason["params"]
    return known
