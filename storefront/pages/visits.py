"""A visit as the customer sees it: who comes when, what to have at hand, what may be done about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from visits.models import ProposedTime, Visit, VisitComplaint, VisitPaper
from visits.services import visits

Text = str | Promise
State = Visit.State
VERBS: dict[str, Text] = {
    "move": _("Ask for another time"), "decline": _("I do not want a visit"), "rate": _("Rate the visit"),
    "complain": _("Complain about the visit"),
}  # fmt: skip
HINTS: dict[str, Text] = {
    "move": _("It costs nothing. We propose other times; a visit can be moved three times."),
    "decline": _(
        "It costs nothing and leaves no mark. A person decides whether your order can do without; the full deposit"
        " stays open to you in any case."
    ),
    "rate": _("Those who lead our agents read it, not the agent."),
    "complain": _("A person of the platform reads it and answers here. The agent does not see who wrote."),
}
DONE: dict[str, Text] = {
    "move": _("We look for another time and write to you."),
    "decline": _("Nobody comes. We decide and write to you."),
    "rate": _("Thank you."),
    "complain": _("Your complaint is with us. The answer will stand on this page."),
}
HEADLINES: dict[str, Text] = {
    State.REQUESTED: _("We are arranging a visit"),
    State.PROPOSED: _("Please choose a time"),
    State.AGREED: _("The appointment is made"),
    State.DONE: _("The visit is done"),
    State.DECLINED: _("You did not want a visit"),
    State.CANCELLED: _("The visit is called off"),
}
LEADS: dict[str, Text] = {
    State.REQUESTED: _("An agent of ours comes once, for at most an hour, never at night. We propose times."),
    State.PROPOSED: _("The agent shows his badge at the door. Look at its number before you open."),
    State.AGREED: _("The agent shows his badge at the door. Look at its number before you open."),
    State.DONE: _("The agent can no longer see your address and your phone."),
    State.DECLINED: _("A person decides whether your order can do without it."),
    State.CANCELLED: _("Nobody comes."),
}


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """What `storefront/visit.html` prints."""

    visit: Visit
    headline: Text
    lead: Text
    times: list[ProposedTime]
    papers: list[VisitPaper]
    verbs: list[tuple[str, Text]]
    complaint: VisitComplaint | None


def shown(visit: Visit, at: datetime) -> ShownVisit:
    complaint = VisitComplaint.objects.filter(visit=visit).first()
    return ShownVisit(
        visit=visit,
        headline=HEADLINES[visit.state],
        lead=LEADS[visit.state],
        times=visits.open_times(visit, at) if visit.state == State.PROPOSED else [],
        papers=list(visit.papers.order_by("id")),
        verbs=[(verb, VERBS[verb]) for verb in _verbs(visit, has_complaint=complaint is not None)],
        complaint=complaint,
    )


def _verbs(visit: Visit, *, has_complaint: bool) -> list[str]:
    verbs = []
    if visit.state in (State.PROPOSED, State.AGREED) and visit.moves < visits.MOST_MOVES:
        verbs.append("move")
    if visit.state in visits.UNDER_WAY:
        verbs.append("decline")
    if visit.state == State.DONE and visit.stars is None:
        verbs.append("rate")
    return verbs if has_complaint else [*verbs, "complain"]
