from __future__ import annotations

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

DEPOSIT = "deposit"  # money that a paid deposit held
OFFLINE = "offline"  # money that an operator saw arrive; it has no adapter and is never offered to customers


WITHOUT_ADAPTER = (DEPOSIT, OFFLINE)


class PaymentChannel(models.Model):
    """支付渠道: a provider that customers may pay through; `code` as in settings.PROVIDERS["payments"].

    Closing one stops new attempts; what is open goes on to its end.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=40)
    is_open = models.BooleanField(pgettext_lazy("channel", "open"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("payment channel")
        verbose_name_plural = _("payment channels")
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.name if (get_language() or "zh").startswith("zh") else self.name_en
