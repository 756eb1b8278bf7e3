from datetime import timedelta

from django.db import connection, models
from django.utils.translation import gettext_lazy as _


class ClockShift(models.Model):
    """How far the demo's clock stands ahead of the machine's. One row."""

    by = models.DurationField()

    @classmethod
    def current(cls) -> timedelta:
        row = cls.objects.filter(pk=1).first()
        return row.by if row else timedelta(0)

    @classmethod
    def move(cls, by: timedelta) -> None:
        """Add to the shift; two movers at once both count."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_clockshift (id, by) VALUES (1, %s::interval)"
                " ON CONFLICT (id) DO UPDATE SET by = core_clockshift.by + EXCLUDED.by",
                [str(by.total_seconds()) + " seconds"],
            )


class Holiday(models.Model):
    """A day that differs from its weekday: a public holiday, or a weekend day that makes up for one."""

    day = models.DateField(_("day"), primary_key=True)
    working = models.BooleanField(
        _("a working day"), help_text=_("On for a weekend day that makes up for a holiday; off for a holiday.")
    )
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays and make-up days")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
