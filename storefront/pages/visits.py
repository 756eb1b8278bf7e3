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


ABOUT_MONEY: dict[str, Text] = {  # where it reads otherwise than for a review
    State.REQUESTED: _("About what is past due. An agent comes once, for an hour at most, when you chose a time."),
    State.PROPOSED: _("About what is past due. You may refuse: it costs nothing, and nobody comes."),
    State.AGREED: _("The agent speaks with you alone, takes no money and shows his badge. You may still refuse."),
    State.DECLINED: _("Nobody comes, and nobody asks again. What is past due stays as it is."),
}
DECLINE_MONEY = _("It costs nothing and leaves no mark. Nobody comes, and nobody asks again about this.")


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
        lead=_lead(visit),
        times=visits.open_times(visit, at) if visit.state == State.PROPOSED else [],
        papers=list(visit.papers.order_by("id")),
        verbs=[(verb, VERBS[verb]) for verb in _verbs(visit, has_complaint=complaint is not None)],
        complaint=complaint,
    )


def hint(visit: Visit, verb: str) -> Text:
    """What a step of the customer's means."""
    return DECLINE_MONEY if verb == "decline" and visit.purpose == Visit.Purpose.COLLECTION else HINTS[verb]


def _lead(visit: Visit) -> Text:
    about_money = ABOUT_MONEY if visit.purpose == Visit.Purpose.COLLECTION else {}
    return about_money.get(visit.state, LEADS[visit.state])


def _verbs(visit: Visit, *, has_complaint: bool) -> list[str]:
    verbs = []
    if visit.state in (State.PROPOSED, State.AGREED) and visit.moves < visits.MOST_MOVES:
        verbs.append("move")
    if visit.state in visits.UNDER_WAY:
        verbs.append("decline")
    if visit.state == State.DONE and visit.stars is None:
        verbs.append("rate")
    return verbs if has_complaint else [*verbs, "complain"]
