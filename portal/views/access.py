"""Who may look: a merchant's member, and only at his merchant's rows (reliability.md 35)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import Merchant, MerchantMember, User
from core import clock


class MemberRequest(HttpRequest):
    """A request that passed `members_only`; `at` is the clock, read once."""

    user: User
    member: MerchantMember
    merchant: Merchant
    at: datetime


def members_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Anonymous visitors go to the sign-in and come back; customers and operators find nothing here."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(_sign_in_address(request))
        member = _member(request.user)
        if member is None:
            raise Http404
        request.member, request.merchant, request.at = member, member.merchant, clock.now()  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def owners_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Members who do not lead are told so; for everyone else as `members_only`."""

    @wraps(view)
    @members_only
    def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.member.is_owner:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _member(user: User) -> MerchantMember | None:
    if user.kind != User.Kind.MERCHANT:
        return None
    return MerchantMember.objects.select_related("merchant").filter(user=user).first()


def _sign_in_address(request: HttpRequest) -> str:
    """Back to the page asked for; never back to an address that only takes POST."""
    target = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("portal:board")
    return f"{reverse('portal:sign_in')}?{urlencode({'next': target})}"
