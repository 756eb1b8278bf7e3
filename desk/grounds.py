"""Why a decision is what it is, in the words of those who work with it: about the customer, never to the customer."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.models import Decision

SHORT: dict[str, str | Promise] = {
    "score": _("%(score)s points, grade %(grade)s"),
    "needs_review": _("Grade %(grade)s is decided by a person"),
    "below_entry": _("%(score)s points; a waiver starts at %(needed)s"),
    "blocked": _("The account is blocked"),
}
ENDED: dict[str, str | Promise] = {
    "replaced": _("replaced by a newer decision"),
    "overdue": _("ended by a bill more than 7 days past due"),
}


def of(decision: Decision) -> list[str]:
    """Every reason of the decision as one short line."""
    known = _figures(decision)
    return [
        str(SHORT.get(reason["code"], reason["code"])) % {**known, **reason["params"]} for reason in decision.reasons
    ]


def referral(decision: Decision | None) -> str:
    """Why a person must look, without the score that stands beside it."""
    if decision is None:
        return ""
    known = _figures(decision)
    told = [reason for reason in decision.reasons if reason["code"] != "score"]
    return " · ".join(str(SHORT.get(reason["code"], reason["code"])) % {**known, **reason["params"]} for reason in told)


def _figures(decision: Decision) -> dict[str, object]:
    """Figures that any reason may name: a later one leaves out what an earlier one said."""
    reasons: Iterable[dict[str, dict[str, object]]] = decision.reasons
    known: dict[str, object] = {"score": "–", "grade": "–", "needed": "–"}
    for reason in reasons:
        known |= reason["params"]
    return known
