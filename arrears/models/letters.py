from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from arrears.models.cases import CollectionCase
from core.fields import MoneyField


class DemandLetter(models.Model):
    """催告函: what is owed, in writing, with time to make good; its PDF lies under its hash and never changes."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="letters", verbose_name=_("case"))
    amount = MoneyField(_("amount"))
    cure_until = models.DateField(_("to be paid by the end of"))
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64)
    issued_by = models.CharField(_("issued by"), max_length=60)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("demand letter")
        verbose_name_plural = _("demand letters")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="arrears_letter_asks_for_something")]

    def __str__(self) -> str:
        return self.number
