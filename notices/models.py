"""What the platform tells people and when it reminds them, in whose words, and the calls it made."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import SealedField, StateField, mask_email


class Message(models.Model):
    """One message to one person on one channel. `step` makes it unrepeatable: never twice for a step.

    A line in the app is there at once: it is born SENT.

    Sending is idempotent at no provider: an unknown outcome stays UNKNOWN until a receipt, and is not sent again. What
    a mail server did not take for now goes back into the queue, a few times (`turned_away`).
    """

    class Channel(models.TextChoices):
        SMS = "SMS", _("SMS")
        EMAIL = "EMAIL", _("E-mail")
        IN_APP = "IN_APP", _("In-app")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        DELIVERED = "DELIVERED", _("Arrived")
        FAILED = "FAILED", _("Failed")
        UNKNOWN = "UNKNOWN", _("Unknown")
        CALLED_OFF = "CALLED_OFF", _("Called off")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="messages", verbose_name=_("to")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    state = StateField(_("state"), default=State.QUEUED, also=[State.SENT], protected=True, choices=State.choices)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    phone = SealedField(kind="phone", null=True)
    email = SealedField(kind="email", null=True, mask=mask_email)
    secret = SealedField(kind="secret", null=True, mask=lambda secret: "*" * len(secret))
    template = models.CharField(_("template"), max_length=60)
    params = models.JSONField(_("figures"), default=dict)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    link = models.CharField(_("link"), max_length=200, blank=True)
    step = models.CharField(_("occasion"), max_length=120)
    urgent = models.BooleanField(_("urgent"), default=False)  # asked for by the person this minute, so also at night
    created_at = models.DateTimeField(_("made"))
    not_before = models.DateTimeField(_("not before"))
    began_at = models.DateTimeField(_("sending since"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    provider_number = models.CharField(_("provider's number"), max_length=100, blank=True)
    reason = models.CharField(_("the provider's word"), max_length=120, blank=True, db_default="")
    turned_away = models.PositiveSmallIntegerField(_("turned away for now, times"), default=0, db_default=0)
    outcome_at = models.DateTimeField(_("outcome known"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["channel", "step"], name="notices_message_once_per_step")]
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(channel="IN_APP"), name="notices_message_inbox"),
            models.Index(fields=["not_before"], condition=Q(state="QUEUED"), name="notices_message_due"),
            models.Index(fields=["began_at"], condition=Q(state="SENDING"), name="notices_message_sending"),
            models.Index(fields=["provider_number"], condition=~Q(provider_number=""), name="notices_message_number"),
            models.Index(fields=["outcome_at"], condition=Q(state="FAILED"), name="notices_message_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.step}"

    @transition(field=state, source=State.QUEUED, target=State.SENDING)
    def begin(self, at: datetime) -> None:
        """The intent to send, committed before the provider is called."""
        self.began_at = at

    @transition(field=state, source=State.QUEUED, target=State.CALLED_OFF)
    def call_off(self, at: datetime) -> None:
        """The address that it was to go to does not stand any more."""
        self.outcome_at = at

    @transition(field=state, source=State.SENDING, target=State.QUEUED)
    def put_off(self, reason: str, again_at: datetime) -> None:
        """The server took nothing and asks for a later try: the only way out of SENDING that leads back."""
        self.turned_away += 1
        self.reason, self.not_before = reason, again_at

    @transition(field=state, source=State.SENDING, target=State.SENT)
    def sent(self, provider_number: str, at: datetime) -> None:
        self.provider_number, self.sent_at, self.reason, self.secret = provider_number, at, "", None

    @transition(field=state, source=State.SENDING, target=State.FAILED)
    def refuse(self, reason: str, at: datetime) -> None:
        """The provider did not take it."""
        self.reason, self.outcome_at, self.secret = reason, at, None

    @transition(field=state, source=State.SENDING, target=State.UNKNOWN)
    def lose(self) -> None:
        """A time-out: perhaps sent, so never again."""
        self.secret = None

    @transition(field=state, source=[State.SENDING, State.SENT, State.UNKNOWN], target=State.DELIVERED)
    def arrive(self, provider_number: str, reason: str, at: datetime) -> None:
        """A receipt says so; it may overtake the answer to the sending."""
        self._told(provider_number, reason, at)

    @transition(field=state, source=[State.SENDING, State.SENT, State.UNKNOWN], target=State.FAILED)
    def miss(self, provider_number: str, reason: str, at: datetime) -> None:
        """A receipt says that it did not arrive, and why."""
        self._told(provider_number, reason, at)

    def _told(self, provider_number: str, reason: str, at: datetime) -> None:
        self.provider_number, self.reason, self.outcome_at, self.secret = provider_number, reason, at, None


class PhoneCall(models.Model):
    """One dialling of a person's own number. Kept as it was; how it ended is told once, by whoever dialled.

    Not told by the end of its day, it lapses: it goes on for nobody, and counts as a conversation for ever.
    The database counts too: nobody is called at night, nor more than the conduct rules allow (docs/faults.md).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="phone_calls", verbose_name=_("called")
    )
    caller = models.CharField(_("caller"), max_length=60)
    subject = models.CharField(_("about"), max_length=60)
    dialled_at = models.DateTimeField(_("dialled"))
    seconds = models.PositiveIntegerField(_("answered for, seconds"), null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    lapsed_at = models.DateTimeField(_("closed without an outcome"), null=True)

    class Meta:
        verbose_name = _("phone call")
        verbose_name_plural = _("phone calls")
        constraints = [
            models.CheckConstraint(condition=Q(seconds=None) | Q(lapsed_at=None), name="notices_call_told_or_lapsed")
        ]
        indexes = [
            models.Index(
                fields=["dialled_at"], condition=Q(seconds=None, lapsed_at=None), name="notices_call_not_ended"
            ),
            models.Index(fields=["user", "-dialled_at"], name="notices_call_of_person"),
            models.Index(fields=["subject", "-dialled_at"], name="notices_call_about"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.dialled_at:%Y-%m-%d %H:%M}"


class ReminderStep(models.Model):
    """提醒日程: one day of the calendar on which something is reminded of: an unpaid bill, counted from its due date,
    or the end of a lease, counted from its last day.

    What it is for follows from the day: ahead of it, on it, after it. How often: once for each bill and day, ever.
    """

    class Occasion(models.TextChoices):
        BILL = "BILL", _("A bill")
        LEASE_END = "LEASE_END", _("The end of a lease")

    class Reach(models.TextChoices):
        IN_APP = "IN_APP", _("In the app")
        SMS = "SMS", _("In the app and by SMS")
        EMAIL = "EMAIL", _("In the app and by e-mail")
        ALL = "ALL", _("In the app, by SMS and by e-mail")

    occasion = models.CharField(_("about"), max_length=10, choices=Occasion.choices, default=Occasion.BILL)
    days = models.SmallIntegerField(_("days from the due date, or from the last day of the lease"))
    reach = models.CharField(_("reaches by"), max_length=8, choices=Reach.choices, default=Reach.ALL)
    is_on = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminder calendar")
        ordering = ("occasion", "days")
        constraints = [
            models.UniqueConstraint(fields=["occasion", "days"], name="notices_reminder_once_a_day"),
            models.CheckConstraint(condition=Q(days__gte=-30, days__lte=30), name="notices_reminder_within_a_month"),
            models.CheckConstraint(
                condition=~Q(occasion="LEASE_END") | Q(days__lt=0), name="notices_reminder_ahead_of_the_end"
            ),
        ]

    def __str__(self) -> str:
        return f"T{self.days:+d}"

    @property
    def by_sms(self) -> bool:
        return self.reach in (self.Reach.SMS, self.Reach.ALL)

    @property
    def by_mail(self) -> bool:
        return self.reach in (self.Reach.EMAIL, self.Reach.ALL)

    @property
    def event(self) -> str:
        """Whose words it speaks; of a lease's end, the one of three that tells most (orders.services.reminders)."""
        if self.occasion == self.Occasion.LEASE_END:
            return "lease_ends_or_buy"
        return "bill_due_soon" if self.days < 0 else "bill_due" if self.days == 0 else "bill_overdue"


class Wording(models.Model):
    """话术: the words of an event on one channel in one language, in force from `since` until the next one's; kept.

    A message speaks the words that were in force when it was made. Without a row the house's own words stand.
    A mail without a subject of its own bears the beginning of its text.
    `provider_template`: the name under which the SMS provider approved exactly this text; it is what he sends.
    """

    event = models.CharField(_("event"), max_length=60)
    channel = models.CharField(_("channel"), max_length=8, choices=Message.Channel.choices)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject of the mail"), max_length=80, blank=True)
    text = models.CharField(_("text"), max_length=300)
    provider_template = models.CharField(_("the provider's template"), max_length=60, blank=True)
    since = models.DateTimeField(_("in force from"))
    set_by = models.CharField(_("set by"), max_length=60)

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "channel", "language", "since"], name="notices_wording_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(channel="SMS") & ~Q(provider_template="")
                | Q(channel__in=["IN_APP", "EMAIL"], provider_template=""),
                name="notices_wording_sms_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(channel="EMAIL") | Q(subject=""), name="notices_wording_mails_alone_have_subjects"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.channel} {self.language}"
