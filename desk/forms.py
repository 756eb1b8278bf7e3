"""What reviewers and agents fill in about contacts, papers and visits."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import calendar
from visits.models import CHECKS, FieldAgent, VisitPaper
from visits.rules.findings import Check

WHEN = "%Y-%m-%dT%H:%M"


class DeskForm(forms.Form):
    """Without colons after its labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class HangUpForm(DeskForm):
    """How a call ended."""

    seconds = forms.IntegerField(
        label=_("Answered for, seconds"), min_value=0, max_value=86_400, help_text=_("0 when nobody answered.")
    )
    text = forms.CharField(label=_("What was said"), max_length=500, required=False)
    call = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, call_id: int) -> "HangUpForm":
        return cls(initial={"call": call_id}, auto_id=f"call_{call_id}_%s")


class VerdictForm(DeskForm):
    """On one contact or one picture; `yes` is the verb of a good verdict."""

    verdict = forms.ChoiceField(label=_("Verdict"))
    grounds = forms.CharField(
        label=_("Grounds"), help_text=_("The customer reads them."), max_length=200, required=False
    )

    def __init__(self, *args: Any, yes: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdicts: list[tuple[str, str | Promise]] = [
            (yes, _("Accept")),
            ("ask_again", _("Ask for it again")),
            ("refuse", _("Refuse: the order ends")),
        ]
        self.fields["verdict"].choices = verdicts  # type: ignore[attr-defined]


class AgentForm(DeskForm):
    agent = forms.ModelChoiceField(FieldAgent.objects.filter(user__is_active=True).order_by("badge"), label=_("Agent"))


class _When(forms.DateTimeField):
    """The platform's wall clock, as the browser's own picker sends it."""

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN)
        super().__init__(widget=picker, input_formats=[WHEN], **kwargs)

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        return found.astimezone(calendar.SHANGHAI) if found else None


class TimesForm(DeskForm):
    first = _When(label=_("First time"), help_text=_("between 08:00 and 21:00"))
    second = _When(label=_("Second time"), required=False)
    third = _When(label=_("Third time"), required=False)

    def times(self) -> list[datetime]:
        return [each for each in self.cleaned_data.values() if each]


class PhoneForm(DeskForm):
    starts_at = _When(label=_("Agreed on the phone for"), help_text=_("between 08:00 and 21:00"))


class GroundsForm(DeskForm):
    grounds = forms.CharField(label=_("Grounds"), help_text=_("They stay on record."), max_length=200)


class AnswerForm(DeskForm):
    text = forms.CharField(label=_("Answer to the customer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5}))


class ReportForm(DeskForm):
    """One question per paper, then the two about the person."""

    met = forms.TypedChoiceField(
        label=_("Was the customer there himself?"),
        choices=[("", "–"), ("1", _("yes")), ("0", _("no"))],
        coerce=lambda value: value == "1",
    )
    lives_there = forms.TypedChoiceField(
        label=_("Does the customer live there?"),
        choices=[("", "–"), ("1", _("yes")), ("0", _("no, or not clear"))],
        coerce=lambda value: value == "1",
    )
    remarks = forms.CharField(
        label=_("Remarks"),
        help_text=_("Only what the review needs; the reviewer alone reads it."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, papers: Iterable[VisitPaper], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers = list(papers)
        seen = [("", "–"), *((code, word) for code, word in CHECKS.items() if code != Check.OPEN)]
        for paper in self.papers:
            self.fields[f"paper_{paper.code}"] = forms.ChoiceField(label=paper.get_code_display(), choices=seen)
        self.order_fields([f"paper_{paper.code}" for paper in self.papers])

    def found(self) -> dict[str, tuple[str, str]]:
        return {paper.code: (self.cleaned_data[f"paper_{paper.code}"], "") for paper in self.papers}
