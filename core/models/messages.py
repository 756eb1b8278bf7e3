from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """Work that a committed change asks for. Written in the change's transaction, published by the relay."""

    topic = models.CharField(_("topic"), max_length=80)
    payload = models.JSONField(_("content"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    published_at = models.DateTimeField(_("handed on"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done"), null=True)  # a consumer's effect committed
    dead_at = models.DateTimeField(_("given up"), null=True)  # given up after too many attempts; an operator looks
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("outgoing work")
        verbose_name_plural = _("outgoing work")
        indexes = [
            models.Index(fields=["id"], condition=Q(published_at=None, dead_at=None), name="core_outbox_waiting"),
            models.Index(fields=["published_at"], condition=Q(done_at=None, dead_at=None), name="core_outbox_open"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"


class Consumed(models.Model):
    """A consumer's effect of one message, committed with that effect; a second delivery finds the row."""

    message = models.ForeignKey(OutboxMessage, models.CASCADE)
    consumer = models.CharField(max_length=120)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "consumer"], name="core_consumed_once")]


class InboxNotice(models.Model):
    """A provider's notice as it came: raw bytes, verified, stored, answered; acted on after (house.md, Providers)."""

    provider = models.CharField(_("provider"), max_length=40)
    notice_id = models.CharField(_("provider's number"), max_length=128)
    body = models.BinaryField()
    headers = models.JSONField(_("headers of the signature"), default=dict)
    received_at = models.DateTimeField(_("received"))
    applied_at = models.DateTimeField(_("acted on"), null=True)
    outcome = models.CharField(_("result"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("provider's notice")
        verbose_name_plural = _("providers' notices")
        constraints = [models.UniqueConstraint(fields=["provider", "notice_id"], name="core_inbox_notice_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.notice_id}"
