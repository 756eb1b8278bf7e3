"""The paper: agreements, their documents and the evidence of how they were signed."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer, Merchant
from core.fields import SealedField, StateField


class Agreement(models.Model):
    """租赁合同, or a paper that follows one. `terms`: what it states as JSON (AgreementTerms, or of rules.addenda),
    sealed (it names a person and his home); `terms_sha256` fixes it before anyone reads it."""

    class Kind(models.TextChoices):
        LEASE = "LEASE", _("Rental agreement")
        RENEWAL = "RENEWAL", _("Renewal addendum")
        TITLE = "TITLE", _("Title paper")
        EXTENSION = "EXTENSION", _("Extension addendum")
        NOTICE = "NOTICE", _("Termination notice")

    class State(models.TextChoices):
        DRAFTED = "DRAFTED", _("Being prepared")
        READY = "READY", _("Ready to sign")
        SIGNING = "SIGNING", _("Being signed")
        SIGNED = "SIGNED", _("Signed")
        VOID = "VOID", _("Void")

    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.LEASE)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="agreements", verbose_name=_("customer"))
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="agreements", verbose_name=_("merchant"))
    state = StateField(_("state"), default=State.DRAFTED, protected=True, choices=State.choices)
    language = models.CharField(_("language"), max_length=10)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    terms = SealedField(kind="terms", mask=lambda _: "…")
    terms_sha256 = models.CharField(_("fingerprint of the terms"), max_length=64)
    drafted_at = models.DateTimeField(_("drafted"))
    ready_at = models.DateTimeField(_("ready"), null=True)
    intent_at = models.DateTimeField(_("code entered"), null=True)
    signed_at = models.DateTimeField(_("signed"), null=True)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=State.DRAFTED, target=State.READY)
    def present(self, at: datetime) -> None:
        self.ready_at = at

    @transition(field=state, source=State.READY, target=State.SIGNING)
    def intend(self, at: datetime) -> None:
        """The customer confirmed the key terms and entered the code for this document."""
        self.intent_at = at

    @transition(field=state, source=State.SIGNING, target=State.SIGNED)
    def sign(self, at: datetime) -> None:
        self.signed_at = at

    @transition(field=state, source=State.DRAFTED, target=State.SIGNING)
    def present_alone(self, at: datetime) -> None:
        """A paper that only the lessor signs: nobody else has to be asked."""
        self.ready_at = at

    @transition(field=state, source=[State.DRAFTED, State.READY, State.SIGNING], target=State.VOID)
    def void(self) -> None:
        """The order ended before both had signed."""


class Document(models.Model):
    """A file of an agreement. Its bytes lie in private storage under their hash and never change."""

    class Kind(models.TextChoices):
        UNSIGNED = "UNSIGNED", _("To be signed")
        SIGNED = "SIGNED", _("Signed")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="documents", verbose_name=_("agreement"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [models.UniqueConstraint(fields=["agreement", "kind"], name="contracts_document_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:12]}"


class EvidenceEvent(models.Model):
    """存证: one link of an agreement's hash chain; append-only."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="evidence", verbose_name=_("agreement"))
    sequence = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("event"), max_length=40)
    facts = models.JSONField(_("facts"))
    body = models.TextField(_("text that was hashed"))  # the canonical text that was hashed
    at = models.DateTimeField(_("at"))
    hash = models.CharField(_("hash of the chain"), max_length=64)

    class Meta:
        verbose_name = _("link of the evidence")
        verbose_name_plural = _("evidence")
        ordering = ("sequence",)
        constraints = [models.UniqueConstraint(fields=["agreement", "sequence"], name="contracts_evidence_sequence")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"
