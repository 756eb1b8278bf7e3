from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class ApiToken(models.Model):
    """令牌: what a machine shows to act for one user on one face. Only a hash of it is kept; it is shown once.

    `digest`, `token_key` (how it begins), `user` and `expiry` carry the names by which django-rest-knox reads them. It
    lives until it is revoked, which deletes the row; the events of the user keep that it was.
    """

    class Face(models.TextChoices):
        CUSTOMER = User.Kind.CUSTOMER, User.Kind.CUSTOMER.label
        MERCHANT = User.Kind.MERCHANT, User.Kind.MERCHANT.label

    expiry = None
    digest = models.CharField(max_length=128, primary_key=True, editable=False)
    token_key = models.CharField(max_length=25, db_index=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="auth_token_set", verbose_name=_("user"))
    face = models.CharField(_("face"), max_length=10, choices=Face.choices)
    name = models.CharField(_("name"), max_length=40)
    ending = models.CharField(_("last characters"), max_length=4)
    made_at = models.DateTimeField(_("made"))
    last_used_date = models.DateField(_("last used"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="accounts_api_token_name_once"),
            models.CheckConstraint(
                condition=Q(face__in=["CUSTOMER", "MERCHANT"]) & Q(digest__regex="^[0-9a-f]{128}$"),
                name="accounts_api_token_hashed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} …{self.ending}"
