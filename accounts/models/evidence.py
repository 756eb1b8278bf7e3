"""What a review may ask for beside the identity: people who vouch, and papers. Kept for the review and no longer."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from accounts.models.people import Customer
from core.fields import SealedField, StateField


class Contact(models.Model):
    """An EmergencyContact 紧急联系人 or a Guarantor 担保人, named for the review of one order and for nothing else.

    Nobody calls or writes to him for money. Once the review is over name and phone go; that he was named stays. The
    guarantor whom a review accepted vouches for the lease: his go when the order closes.
    """

    class Kind(models.TextChoices):
        EMERGENCY = "EMERGENCY", _("Emergency contact")
        GUARANTOR = "GUARANTOR", _("Guarantor")

    class Relation(models.TextChoices):
        PARENT = "PARENT", _("Parent")
        SPOUSE = "SPOUSE", _("Spouse")
        SIBLING = "SIBLING", _("Brother or sister")
        CHILD = "CHILD", _("Son or daughter")
        FRIEND = "FRIEND", _("Friend")
        COLLEAGUE = "COLLEAGUE", _("Colleague")

    class State(models.TextChoices):
        NAMED = "NAMED", pgettext_lazy("contact", "Has not agreed yet")
        GIVEN = "GIVEN", pgettext_lazy("papers", "To be reviewed")
        APPROVED = "APPROVED", pgettext_lazy("contact", "Accepted")
        REFUSED = "REFUSED", pgettext_lazy("contact", "Not accepted")
        AGAIN = "AGAIN", _("Asked for again")
        DECLINED = "DECLINED", pgettext_lazy("contact", "Declined by himself")
        LAPSED = "LAPSED", _("No longer needed")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts", verbose_name=_("customer"))
    order_number = models.CharField(_("order"), max_length=24)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = StateField(_("state"), default=State.NAMED, protected=True, choices=State.choices)
    relation = models.CharField(_("relation"), max_length=10, choices=Relation.choices)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = SealedField(
        pgettext_lazy("person", "name"), kind="name", null=True, mask=lambda name: name[:1] + "*" * (len(name) - 1)
    )
    phone = SealedField(_("phone"), kind="phone", null=True)
    named_at = models.DateTimeField(_("named"))
    consented_at = models.DateTimeField(_("agreed himself"), null=True)
    consent_version = models.CharField(_("wording of the consent"), max_length=20, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    grounds = models.CharField(_("grounds"), max_length=200, blank=True)
    keep_until = models.DateTimeField(_("kept until"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["order_number", "kind"],
                condition=Q(state__in=["NAMED", "GIVEN", "APPROVED"]),
                name="accounts_contact_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None, name__isnull=False, phone__isnull=False)
                | Q(erased_at__isnull=False, name=None, phone=None),
                name="accounts_contact_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(kind="EMERGENCY") | ~Q(state__in=["GIVEN", "APPROVED"]) | Q(consented_at__isnull=False),
                name="accounts_contact_guarantor_consented",
            ),
        ]
        indexes = [
            models.Index(fields=["order_number"], name="accounts_contact_of_order"),
            models.Index(fields=["keep_until"], condition=Q(erased_at=None), name="accounts_contact_to_erase"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_number}"

    @transition(field=state, source=State.NAMED, target=State.GIVEN)
    def give(self) -> None:
        """An emergency contact is named by the customer alone."""

    @transition(field=state, source=State.NAMED, target=State.GIVEN)
    def consent(self, version: str, at: datetime) -> None:
        """The guarantor's own word."""
        self.consent_version, self.consented_at = version, at

    @transition(field=state, source=State.NAMED, target=State.DECLINED)
    def decline(self, at: datetime) -> None:
        self.keep_until = at

    @transition(field=state, source=State.GIVEN, target=State.APPROVED)
    def approve(self, grounds: str, at: datetime) -> None:
        self.grounds, self.reviewed_at = grounds, at

    @transition(field=state, source=State.GIVEN, target=State.REFUSED)
    def refuse(self, grounds: str, at: datetime) -> None:
        self.grounds, self.reviewed_at = grounds, at

    @transition(field=state, source=State.GIVEN, target=State.AGAIN)
    def ask_again(self, grounds: str, at: datetime) -> None:
        self.grounds, self.reviewed_at = grounds, at

    @transition(field=state, source=[State.NAMED, State.GIVEN], target=State.LAPSED)
    def lapse(self) -> None:
        """Another one was named, the demand was waived or the order ended."""


class PersonKey(models.Model):
    """The key of one person's private files, sealed with the house's key that lies outside the database.

    Destroying it makes every file of the person unreadable, copies in backups of the table of files too.
    """

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="file_key", verbose_name=_("customer"))
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = SealedField(kind="secret", null=True, mask=lambda secret: "*" * 8)
    made_at = models.DateTimeField(_("made"))
    destroyed_at = models.DateTimeField(_("destroyed"), null=True)

    class Meta:
        verbose_name = _("key of a person's files")
        verbose_name_plural = _("keys of persons' files")
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at=None, key__isnull=False) | Q(destroyed_at__isnull=False, key=None),
                name="accounts_person_key_destroyed_is_gone",
            )
        ]


class Document(models.Model):
    """A picture of a paper, uploaded because a review asked for it. `sealed` is the file under its person's key."""

    class Kind(models.TextChoices):
        HOUSEHOLD = "HOUSEHOLD", _("Household register")
        WORK = "WORK", _("Proof of work")
        RESIDENCE = "RESIDENCE", _("Proof of residence")

    class State(models.TextChoices):
        GIVEN = "GIVEN", pgettext_lazy("papers", "To be reviewed")
        ACCEPTED = "ACCEPTED", pgettext_lazy("document", "Accepted")
        REFUSED = "REFUSED", pgettext_lazy("document", "Not accepted")
        AGAIN = "AGAIN", _("Asked for again")
        LAPSED = "LAPSED", _("No longer needed")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="documents", verbose_name=_("customer"))
    order_number = models.CharField(_("order"), max_length=24)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = StateField(_("state"), default=State.GIVEN, protected=True, choices=State.choices)
    file_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    size = models.PositiveIntegerField(_("bytes"))
    given_at = models.DateTimeField(_("given"))
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    grounds = models.CharField(_("grounds"), max_length=200, blank=True)
    keep_until = models.DateTimeField(_("kept until"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None, sealed__isnull=False) | Q(erased_at__isnull=False, sealed=None),
                name="accounts_document_erased_is_gone",
            )
        ]
        indexes = [
            models.Index(fields=["order_number"], name="accounts_document_of_order"),
            models.Index(fields=["keep_until"], condition=Q(erased_at=None), name="accounts_document_to_erase"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_number}"

    @transition(field=state, source=State.GIVEN, target=State.ACCEPTED)
    def accept(self, grounds: str, at: datetime) -> None:
        self.grounds, self.reviewed_at = grounds, at

    @transition(field=state, source=State.GIVEN, target=State.REFUSED)
    def refuse(self, grounds: str, at: datetime) -> None:
        self.grounds, self.reviewed_at = grounds, at

    @transition(field=state, source=State.GIVEN, target=State.AGAIN)
    def ask_again(self, grounds: str, at: datetime) -> None:
        self.grounds, self.reviewed_at = grounds, at

    @transition(field=state, source=State.GIVEN, target=State.LAPSED)
    def lapse(self) -> None:
        """The customer took it back or gave a better one, the demand was waived or the order ended."""
