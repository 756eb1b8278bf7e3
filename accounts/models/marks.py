from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Customer


class BrowserMark(models.Model):
    """浏览器标记: that this customer signed in at a browser which carries a mark of ours; the mark itself is not kept.

    One purpose: to see whether accounts of people in arrears are used at the same device (ADR 22). No fingerprint:
    nothing is read of the device, and whoever deletes the cookie has none.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="browser_marks", verbose_name=_("customer"))
    mark_index = models.CharField(max_length=64, editable=False, db_index=True)
    first_at = models.DateTimeField(_("first signed in"))
    last_at = models.DateTimeField(_("last signed in"), db_index=True)

    class Meta:
        verbose_name = _("browser mark")
        verbose_name_plural = _("browser marks")
        constraints = [
            models.UniqueConstraint(fields=["customer", "mark_index"], name="accounts_browser_mark_once"),
            models.CheckConstraint(
                condition=models.Q(last_at__gte=models.F("first_at")), name="accounts_browser_mark_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}"
