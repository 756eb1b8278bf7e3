"""Who may look: the platform's operators."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import User
from visits.models import FieldAgent


class OperatorRequest(HttpRequest):
    """A request that passed `operators_only`."""

    user: User


def operators_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Anonymous visitors go to the sign-in and come back; customers and merchants find nothing here."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(_sign_in_address(request))
        if not (request.user.is_staff and request.user.kind == User.Kind.OPERATOR):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _sign_in_address(request: HttpRequest) -> str:
    """Back to the page asked for; never back to an address that only takes POST."""
    target = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("desk:overview")
    return f"{reverse('desk:sign_in')}?{urlencode({'next': target})}"


def agents_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For field agents at work; operators, merchants and customers find nothing here."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(_sign_in_address(request))
        if request.user.kind != User.Kind.AGENT or not FieldAgent.objects.filter(user=request.user).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
