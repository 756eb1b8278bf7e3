"""The people: who signs in, who they proved to be, what they agreed to."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from core.fields import SealedField, StateField, mask_email


class UserManager(BaseUserManager["User"]):
    """Makes users; `create_superuser` is what Django's command calls."""

    def create_user(self, login: str, password: str | None = None, **fields: object) -> User:
        user = self.model(login=login, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, login: str, password: str, **fields: object) -> User:
        return self.create_user(login, password, is_staff=True, is_superuser=True, kind=User.Kind.OPERATOR, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """One sign-in. Customers enter by phone and code; merchants' staff and operators by login and password.

    An `email` that stands here was proved by a code that went to it. `in_peace_since`: a standstill is in force, nobody
    calls or writes (Standstill).
    """

    class Kind(models.TextChoices):
        CUSTOMER = "CUSTOMER", _("Customer")
        MERCHANT = "MERCHANT", _("Merchant")
        OPERATOR = "OPERATOR", _("Operator")
        AGENT = "AGENT", _("Field agent")

    login = models.CharField(
        _("login"), max_length=60, unique=True, help_text=_("What staff type to sign in; customers sign in by phone.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CUSTOMER)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    phone = SealedField(_("phone"), kind="phone", index="phone_index", blank=True, null=True)
    phone_index = models.CharField(max_length=64, unique=True, null=True, editable=False)
    email = SealedField(_("e-mail"), kind="email", index="email_index", mask=mask_email, blank=True, null=True)
    email_index = models.CharField(max_length=64, unique=True, null=True, editable=False)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_staff = models.BooleanField(_("may enter the admin"), default=False)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch off instead of deleting: what a person did keeps its name.")
    )
    joined_at = models.DateTimeField(_("joined"), null=True)
    in_peace_since = models.DateField(_("not reached since"), null=True, editable=False)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.login

    def get_full_name(self) -> str:
        return self.login

    def get_short_name(self) -> str:
        return self.login


class Customer(models.Model):
    """A lessee 承租人. `blocked` is a hard stop that refuses whatever is paid (domain.md §4)."""

    user = models.OneToOneField(User, models.PROTECT, related_name="customer", verbose_name=_("sign-in"))
    number = models.CharField(_("number"), max_length=20, unique=True)
    blocked_reason = models.CharField(
        _("blocked because"),
        max_length=200,
        blank=True,
        help_text=_("Any text blocks: no order is accepted from this customer. Emptying it lifts the block."),
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.number


class Merchant(models.Model):
    """A lessor 出租方."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=80)
    licence_number = models.CharField(
        _("unified social credit code"), max_length=18, help_text=_("18 characters, as on the business licence.")
    )
    address = models.CharField(_("address"), max_length=200)
    return_address = models.CharField(
        _("return address"), max_length=200, help_text=_("Customers send devices back to it; agreements state it.")
    )
    telephone = models.CharField(_("telephone"), max_length=30)

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")

    def __str__(self) -> str:
        return self.name


class MerchantMember(models.Model):
    """Who works for a merchant; sees only that merchant's rows (reliability.md 35). Owners manage the others."""

    class Role(models.TextChoices):
        OWNER = "OWNER", _("Owner")
        STAFF = "STAFF", _("Staff")

    user = models.OneToOneField(User, models.PROTECT, related_name="membership", verbose_name=_("sign-in"))
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="members", verbose_name=_("merchant"))
    role = models.CharField(_("role"), max_length=5, choices=Role.choices, default=Role.STAFF)

    class Meta:
        verbose_name = _("merchant's member")
        verbose_name_plural = _("merchant's members")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER


class OneTimeCode(models.Model):
    """A six-digit code: stored hashed, single use, five minutes, for one purpose and one phone or e-mail address.

    A signing code's purpose names the document's hash, so that it confirms that document and no other.
    Its `ticket` stays with the browser that asked: what others try or ask for leaves this code alone.
    """

    purpose = models.CharField(max_length=90)
    phone_index = models.CharField(max_length=64)
    salt = models.UUIDField(default=uuid.uuid4)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_index", "purpose", "-sent_at"], name="accounts_code_latest")]

    @property
    def ticket(self) -> uuid.UUID:
        """The salt: nobody can guess it, and the hash is keyed, so that it gives nothing of the code away."""
        return self.salt


class IdentityVerification(models.Model):
    """One real-name check: name and ID number, then the owner of the phone. PENDING waits for the provider."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Being checked")
        VERIFIED = "VERIFIED", _("Verified")
        REFUSED = "REFUSED", _("Refused")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="verifications", verbose_name=_("customer"))
    state = StateField(_("state"), default=State.PENDING, protected=True, choices=State.choices)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = SealedField(pgettext_lazy("person", "name"), kind="name", mask=lambda name: name[:1] + "*" * (len(name) - 1))
    id_number = SealedField(_("ID number"), kind="id_number", index="id_index")
    id_index = models.CharField(max_length=64, editable=False)
    birthday = SealedField(_("birthday"), kind="birthday")
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    requested_at = models.DateTimeField(_("requested"))
    matched_at = models.DateTimeField(_("name and number matched"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("identity verification")
        verbose_name_plural = _("identity verifications")
        constraints = [
            models.UniqueConstraint(
                fields=["id_index"], condition=Q(state="VERIFIED"), name="accounts_verification_one_live_per_id"
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state__in=["PENDING", "VERIFIED"]),
                name="accounts_verification_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.requested_at:%Y-%m-%d}"

    @transition(field=state, source=State.PENDING, target=State.VERIFIED)
    def verify(self, at: datetime) -> None:
        self.answered_at = at

    @transition(field=state, source=State.PENDING, target=State.REFUSED)
    def refuse(self, reason: str, at: datetime) -> None:
        self.answered_at, self.reason = at, reason


class Consent(models.Model):
    """What a customer agreed to, for what, in which wording, and when withdrawn."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents", verbose_name=_("customer"))
    purpose = models.CharField(_("purpose"), max_length=40)
    version = models.CharField(_("version"), max_length=20)
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose", "version"],
                condition=Q(withdrawn_at=None),
                name="accounts_consent_one_standing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class Address(models.Model):
    """Where a parcel goes; sealed, since it names a home. Removed: no longer offered, kept by its orders."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="addresses", verbose_name=_("customer"))
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consignee = SealedField(_("consignee"), kind="name", mask=lambda name: name[:1] + "*" * (len(name) - 1))
    phone = SealedField(kind="phone", index="phone_index")
    phone_index = models.CharField(max_length=64, null=True, editable=False, db_index=True)
    place_index = models.CharField(max_length=64, null=True, editable=False, db_index=True)
    region = models.CharField(_("province, city, district"), max_length=80)
    street = SealedField(_("street"), kind="address", mask=lambda street: street[:3] + "***")
    added_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(_("removed"), null=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return self.region
