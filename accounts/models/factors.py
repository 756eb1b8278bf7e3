"""What somebody who signs in by password must show besides it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from core.fields import SealedField


class SecondFactor(models.Model):
    """The authenticator app of somebody who signs in by password; none before its first code was typed."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor", verbose_name=_("user"))
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    secret = SealedField(kind="second factor", mask=lambda plain: "•" * 8)
    begun_at = models.DateTimeField(_("begun"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    last_step = models.BigIntegerField(default=0)  # of 30 seconds since 1970; what it and older ones told is used up
    failures = models.PositiveSmallIntegerField(default=0)  # since the last right code
    failed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """One of the codes for a lost phone: hashed, used once."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["factor", "code_hash"], name="accounts_recovery_code_once")]

    def __str__(self) -> str:
        return str(self.factor_id)
