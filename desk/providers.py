"""Providers as the desk shows them: what each is for, how it stands, and the figures behind that."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.health import Health
from integrations.tally import BOUNDS_MS, Outcome, Tally

Text = str | Promise
TROUBLED_PERCENT: Final = 5  # so many of a hundred requests unanswered are more than bad luck
CAPABILITIES: dict[str, Text] = {
    "sms": _("Text messages"),
    "identity": _("Identity checks"),
    "credit": _("Credit scores"),
    "payments": _("Payments"),
    "logistics": _("Parcels"),
    "timestamps": _("Time stamps"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One provider. `tone` and `word` say how it stands; the rest is why."""

    health: Health
    capability: Text
    tone: str
    word: Text
    half_within: str
    most_within: str

    @property
    def unanswered(self) -> int:
        return self.health.tally.of(*UNANSWERED)


UNANSWERED: Final = (Outcome.FAILED, Outcome.TIMED_OUT)


def show(health: Health) -> Shown:
    tone, word = standing(health)
    tally = health.tally
    named = CAPABILITIES.get(health.capability, health.capability)
    return Shown(health, named, tone, word, _within(tally, 50), _within(tally, 95))


def standing(health: Health) -> tuple[str, Any]:
    """How it stands. The breaker's word goes first, then the latest event, then the whole day."""
    tally, check = health.tally, health.check
    if health.circuit == "open":
        return "late", _("Does not answer; calls are held back")
    if health.circuit == "half-open":
        return "wait", _("Did not answer; the next call tries again")
    last = tally.last
    if check and not check.is_well and (last is None or check.at >= last.at):
        return "late", _("Did not answer well when asked")
    if last is None:
        return "neutral", _("Not called in the last day")
    if last.outcome in UNANSWERED:
        return "late", _("The last call was not answered")
    if tally.of(*UNANSWERED) * 100 >= tally.total * TROUBLED_PERCENT:
        return "wait", _("Answers, with failures")
    return "ok", _("Answers")


def _within(tally: Tally, percent: int) -> str:
    """A bound in seconds with its sign, "" where nothing was called."""
    if not tally.total:
        return ""
    bound = tally.within_ms(percent)
    return f"≤ {bound / 1000:g}" if bound else f"> {BOUNDS_MS[-1] // 1000}"
