"""Field visits 外访: one person of the platform comes to see papers and a home, by appointment and with consent."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from accounts.models import Address, Customer
from core.fields import SealedField, StateField
from visits.rules.findings import Check, Conclusion

CHECKS = {
    Check.OPEN: _("Not looked at"),
    Check.MATCHES: _("Matches the application"),
    Check.MISMATCH: _("Belongs to somebody else or is altered"),
    Check.NOT_SHOWN: _("Not shown"),
}
CONCLUSIONS = {
    Conclusion.CONFIRMED: _("Confirmed"),
    Conclusion.DOUBTFUL: _("Doubtful: a person decides"),
    Conclusion.MISMATCH: _("Mismatch: suspected fraud"),
}


class FieldAgent(models.Model):
    """外勤: who makes visits. Sees the visits assigned to him and nothing else, and each only until it is over."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="agent", verbose_name=_("sign-in")
    )
    name = models.CharField(
        pgettext_lazy("person", "name"), max_length=20, help_text=_("Customers read it before they open the door.")
    )
    badge = models.CharField(_("badge number"), max_length=12, unique=True)
    region = models.CharField(_("region"), max_length=40)

    class Meta:
        verbose_name = _("field agent")
        verbose_name_plural = _("field agents")

    def __str__(self) -> str:
        return f"{self.name} {self.badge}"


class Visit(models.Model):
    """One visit, for the review of an order or about money that is past due. Its agent reads address and phone while it
    is agreed. `came_at`: when somebody last stood at the door, met or not.

    About money the database counts too: at the customer's own door only, seven days apart (docs/faults.md).
    """

    class Purpose(models.TextChoices):
        REVIEW = "REVIEW", _("Review of an order")
        COLLECTION = "COLLECTION", _("Money past due")

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("To be arranged")
        PROPOSED = "PROPOSED", _("Times proposed")
        AGREED = "AGREED", _("Appointment made")
        DONE = "DONE", pgettext_lazy("visit", "Done")
        DECLINED = "DECLINED", pgettext_lazy("visit", "Declined by the customer")
        CANCELLED = "CANCELLED", pgettext_lazy("visit", "Called off")

    number = models.CharField(_("number"), max_length=24, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="visits", verbose_name=_("customer"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices, default=Purpose.REVIEW)
    order_number = models.CharField(_("order"), max_length=24)
    address = models.ForeignKey(Address, models.PROTECT, related_name="+", verbose_name=_("address"))
    agent = models.ForeignKey(
        FieldAgent, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("field agent")
    )
    state = StateField(_("state"), default=State.REQUESTED, protected=True, choices=State.choices)
    requested_at = models.DateTimeField(_("requested"))
    starts_at = models.DateTimeField(_("appointment"), null=True)
    came_at = models.DateTimeField(_("somebody came"), null=True)
    moves = models.PositiveSmallIntegerField(_("moved"), default=0)
    wish = models.CharField(_("the customer's wish"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    stars = models.PositiveSmallIntegerField(_("rating"), null=True)
    rating_note = models.CharField(_("what the customer says"), max_length=300, blank=True)
    rated_at = models.DateTimeField(_("rated"), null=True)

    class Meta:
        verbose_name = _("field visit")
        verbose_name_plural = _("field visits")
        constraints = [
            models.UniqueConstraint(
                fields=["order_number"],
                condition=Q(state__in=["REQUESTED", "PROPOSED", "AGREED"]),
                name="visits_visit_one_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["AGREED", "DONE"]) | Q(starts_at__isnull=False, agent__isnull=False),
                name="visits_visit_agreed_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(stars=None, rated_at=None)
                | Q(stars__gte=1, stars__lte=5, rated_at__isnull=False, state="DONE"),
                name="visits_visit_rated_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], condition=Q(purpose="COLLECTION"), name="visits_of_collection"),
            models.Index(fields=["agent", "starts_at"], condition=Q(state="AGREED"), name="visits_of_agent"),
            models.Index(fields=["order_number"], name="visits_of_order"),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=State.REQUESTED, target=State.PROPOSED)
    def propose(self) -> None:
        self.wish = ""

    @transition(field=state, source=State.PROPOSED, target=State.AGREED)
    def choose(self, starts_at: datetime) -> None:
        self.starts_at = starts_at

    @transition(field=state, source=[State.REQUESTED, State.PROPOSED], target=State.AGREED)
    def agree_by_phone(self, starts_at: datetime) -> None:
        self.starts_at, self.wish = starts_at, ""

    @transition(field=state, source=[State.PROPOSED, State.AGREED], target=State.REQUESTED)
    def move(self, wish: str) -> None:
        """The customer needs another time; it costs nothing."""
        self.starts_at, self.wish, self.moves = None, wish, self.moves + 1

    @transition(field=state, source=State.AGREED, target=State.REQUESTED)
    def miss(self) -> None:
        """Nobody was there."""
        self.came_at, self.starts_at = self.starts_at, None

    @transition(field=state, source=State.AGREED, target=State.DONE)
    def report(self, at: datetime) -> None:
        self.ended_at, self.came_at = at, self.starts_at

    @transition(field=state, source=[State.REQUESTED, State.PROPOSED, State.AGREED], target=State.DECLINED)
    def decline(self, reason: str, at: datetime) -> None:
        self.reason, self.ended_at = reason, at

    @transition(field=state, source=State.AGREED, target=State.CANCELLED)
    def lapse(self, at: datetime) -> None:
        """No report came. That nobody came is not known, so it counts as if somebody had."""
        self.reason, self.ended_at, self.came_at = "not_reported", at, self.starts_at

    @transition(field=state, source=[State.REQUESTED, State.PROPOSED, State.AGREED], target=State.CANCELLED)
    def cancel(self, reason: str, at: datetime) -> None:
        self.reason, self.ended_at = reason, at


class ProposedTime(models.Model):
    """One of the times among which the customer chooses."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="times", verbose_name=_("field visit"))
    starts_at = models.DateTimeField(_("appointment"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "starts_at"], condition=Q(withdrawn_at=None), name="visits_time_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class VisitPaper(models.Model):
    """One paper of the list that the customer gets ahead, and how the agent found it."""

    class Code(models.TextChoices):
        ID_CARD = "ID_CARD", _("Identity card")
        RESIDENCE = "RESIDENCE", _("Tenancy agreement, deed or a recent utility bill")
        WORK = "WORK", _("Badge, contract or payslip of your work")
        HOUSEHOLD = "HOUSEHOLD", _("Household register")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="papers", verbose_name=_("field visit"))
    code = models.CharField(_("paper"), max_length=10, choices=Code.choices)
    found = models.CharField(_("found"), max_length=10, choices=list(CHECKS.items()), default=Check.OPEN.value)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("paper of a visit")
        verbose_name_plural = _("papers of a visit")
        constraints = [models.UniqueConstraint(fields=["visit", "code"], name="visits_paper_once")]

    def __str__(self) -> str:
        return self.get_code_display()


class VisitReport(models.Model):
    """What the agent found. Written once, never changed (trigger); the remarks name a home and are sealed."""

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="finding", verbose_name=_("field visit"))
    met = models.BooleanField(_("the customer was there"))
    lives_there = models.BooleanField(_("lives at the address"))
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    remarks = SealedField(_("remarks"), kind="remarks", null=True, mask=lambda text: "***")
    conclusion = models.CharField(_("conclusion"), max_length=10, choices=list(CONCLUSIONS.items()))
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("report of a visit")
        verbose_name_plural = _("reports of visits")

    def __str__(self) -> str:
        return self.get_conclusion_display()


class VisitComplaint(models.Model):
    """A complaint about a visit: open until somebody of the platform answered it in writing."""

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("complaint", "Open")
        ANSWERED = "ANSWERED", _("Answered")

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="complaint", verbose_name=_("field visit"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    text = models.CharField(_("complaint"), max_length=1000)
    opened_at = models.DateTimeField(_("opened"))
    answer_text = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("complaint about a visit")
        verbose_name_plural = _("complaints about visits")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("opened_at")), name="visits_complaint_in_order"
            )
        ]

    def __str__(self) -> str:
        return str(self.visit_id)

    @transition(field=state, source=State.OPEN, target=State.ANSWERED)
    def answer(self, text: str, at: datetime) -> None:
        self.answer_text, self.answered_at = text, at
