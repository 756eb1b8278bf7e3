"""令牌: tokens by which a machine acts for a customer, or for an owner of a merchant (ADR 39).

A token is 64 random hex digits after `xz_`; django-rest-knox makes and hashes it. Who revokes it ends it at once.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from knox import crypto

from accounts.models import ApiToken, MerchantMember, User
from core.errors import DomainError
from core.services import events

PREFIX = "xz_"
KEY_LENGTH = 15  # of the first characters, by which knox finds the row
MOST = 10
Face = ApiToken.Face


class NoTokensForThisAccount(DomainError):
    code = "no_tokens_for_this_account"
    message = _("Only customers and owners of a merchant have tokens.")


class TokenNameTaken(DomainError):
    code = "token_name_taken"
    message = _("You have a token of this name. Please choose another name.")


class TooManyTokens(DomainError):
    code = "too_many_tokens"
    message = _("You have %(most)s tokens. Revoke one that you do not use.")


def make(user: User, name: str, at: datetime) -> str:
    """The token itself, which nobody can tell again. Locks the user.

    NoTokensForThisAccount, TokenNameTaken, TooManyTokens.
    """
    token: str = PREFIX + crypto.create_token_string()
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        _require_room(locked, name)
        made = ApiToken.objects.create(
            digest=crypto.hash_token(token),
            token_key=token[:KEY_LENGTH],
            user=locked,
            face=Face(locked.kind),
            name=name,
            ending=token[-4:],
            made_at=at,
        )
        _record("api_token_made", made, at)
    return token


def standing(user: User) -> list[ApiToken]:
    """The tokens that work, the newest first."""
    return list(ApiToken.objects.filter(user=user).order_by("-made_at", "name"))


def revoke(user: User, name: str, at: datetime) -> bool:
    """From now on it opens nothing; False when there is none of this name. Once."""
    found = next((token for token in standing(user) if token.name == name), None)
    if found is None:
        return False
    with transaction.atomic():
        gone, _by_model = ApiToken.objects.filter(pk=found.pk).delete()
        if gone:
            _record("api_token_revoked", found, at)
    return bool(gone)


def revoke_all(user: User, at: datetime) -> None:
    """With a closed account, a new password from somebody else, or a lost lead. Part of the caller's transaction."""
    for each in standing(user):
        revoke(user, each.name, at)


def may_act(token: ApiToken) -> bool:
    """Whether its user may still do on this face what the token is for."""
    return token.face == token.user.kind and may_have(token.user)


def may_have(user: User) -> bool:
    """A customer; of a merchant's people those who lead it."""
    if user.kind == User.Kind.CUSTOMER:
        return hasattr(user, "customer")
    leading = MerchantMember.objects.filter(user=user, role=MerchantMember.Role.OWNER)
    return user.kind == User.Kind.MERCHANT and leading.exists()


def used(token: ApiToken, on: date) -> None:
    """Note the day of its last use: one write a day."""
    if token.last_used_date != on:
        ApiToken.objects.filter(pk=token.pk).update(last_used_date=on)


def _require_room(user: User, name: str) -> None:
    if not may_have(user):
        raise NoTokensForThisAccount
    known = {token.name for token in standing(user)}
    if name in known:
        raise TokenNameTaken
    if len(known) >= MOST:
        raise TooManyTokens(most=MOST)


def _record(kind: str, token: ApiToken, at: datetime) -> None:
    user = token.user
    actor = f"customer:{user.customer.pk}" if token.face == Face.CUSTOMER else f"merchant:{user.pk}"
    events.record(kind, user, at=at, actor=actor, facts={"ends": token.ending})
