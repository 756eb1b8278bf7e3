"""Pages that look alike for everybody who is not signed in are made once for each state of the catalogue."""

from collections.abc import Callable
from functools import cache, wraps
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache as pages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import get_language

from catalog.services import versions
from core import clock
from storefront.views import chosen

LIVES_S = 3600
OF_ONE_PERSON = (settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name, chosen.LIST)  # a page may be special with one
OURS = ("templates", "locale", "static/css", "storefront", "catalog", "orders")
PARTS = {".html", ".mo", ".css", ".py"}
View = Callable[..., HttpResponse]


def for_strangers(view: View) -> View:
    """Keep the page of somebody whom nothing tells apart; 304 when the browser has it. No query for either.

    What is kept belongs to the catalogue's version, the language, the address and the hour: what a page counts of a
    merchant's parcels may be an hour old. Pages of people who are signed in are never kept.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = None if any(name in request.COOKIES for name in OF_ONE_PERSON) else versions.current()
        if version is None:
            return view(request, *args, **kwargs)
        key = _key(request, version)
        if key in request.headers.get("If-None-Match", ""):
            return _marked(HttpResponseNotModified(), key)
        body = pages.get(key)
        if body is not None:
            return _marked(HttpResponse(body), key)
        made = view(request, *args, **kwargs)
        fleeting = "no-store" in made.headers.get("Cache-Control", "")
        if made.status_code != 200 or made.cookies or fleeting or "CSRF_COOKIE" in request.META:
            return made
        pages.set(key, made.content, LIVES_S)
        return _marked(made, key)

    return answer


def _key(request: HttpRequest, version: str) -> str:
    """Short, and safe as a name in any cache and as an ETag."""
    hour = f"{clock.now():%Y-%m-%d %H}"
    asked = f"{request.path}?{request.META.get('QUERY_STRING', '')}"  # as it came: to quote it costs more than the rest
    told = f"{version} {_release()} {hour} {get_language()} {asked}"
    return f"page-{blake2b(told.encode(), digest_size=15).hexdigest()}"


@cache
def _release() -> int:
    """When the newest of our own files was made: after an update no browser is told that its page is still right."""
    ours = (path for folder in OURS for path in (settings.BASE_DIR / folder).rglob("*.*"))
    return max(path.stat().st_mtime_ns for path in ours if path.suffix in PARTS)


def _marked(response: HttpResponse, key: str) -> HttpResponse:
    response.headers["ETag"] = f'"{key}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response
