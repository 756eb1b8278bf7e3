"""Who a machine is: a token in the header and nothing else, no session, no cookie, no part of an address."""

import re
from typing import Any

from django.conf import settings
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiToken, User
from accounts.services import tokens
from core import calendar, clock

SHAPE = re.compile(tokens.PREFIX.encode() + rb"[0-9a-f]{64}")


class TokenAuthentication(KnoxAuthentication):  # type: ignore[misc]  # knox carries no types
    """Knox finds the row and compares the hashes; we ask whether its user may still act on the token's face."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        if not SHAPE.fullmatch(token):
            raise AuthenticationFailed
        user, found = super().authenticate_credentials(token)
        if not tokens.may_act(found):
            raise AuthenticationFailed
        tokens.used(found, calendar.business_date(clock.now()))
        return user, found


class PerToken(SimpleRateThrottle):
    """So many requests with one token, counted in the cache: a limit for mistakes, no guard of money."""

    rate = settings.API_RATE

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"api-rate-{request.auth.pk}" if isinstance(request.auth, ApiToken) else None
