"""Who may look: a merchant's member, and only at his merchant's rows (reliability.md 35)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import Merchant, MerchantMember, User
from core import clock


class MemberRequest(HttpRequest):
    """A request that passed `members_only`; `at` is the clock, read once."""

    user: User
    merchant: Merchant
    at: datetime


def members_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Anonymous visitors go to the sign-in and come back; customers and operators find nothing here."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(_sign_in_address(request))
        merchant = _merchant_of(request.user)
        if merchant is None:
            raise Http404
        request.merchant, request.at = merchant, clock.now()  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def _merchant_of(user: User) -> Merchant | None:
    if user.kind != User.Kind.MERCHANT:
        return None
    member = MerchantMember.objects.select_related("merchant").filter(user=user).first()
    return member.merchant if member else None


def _sign_in_address(request: HttpRequest) -> str:
    """Back to the page asked for; never back to an address that only takes POST."""
    target = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("portal:board")
    return f"{reverse('portal:sign_in')}?{urlencode({'next': target})}"
