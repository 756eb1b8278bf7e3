"""What no page of ours can use is refused at the door; what was made for one person is kept by nobody else."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http import HttpResponseNotFound as NotFound
from django.http import HttpResponseServerError as Broken
from django.urls import get_resolver
from django.utils.cache import patch_cache_control

Answer = Callable[[HttpRequest], HttpResponse]


def refuse_nul(answer: Answer) -> Answer:
    """400 for a NUL in an address or a cookie: PostgreSQL stores none, so a query with one would be a server error.

    A cookie hides one as a quoted octal ("\\000"), so its value is looked at as the session will read it.
    """

    def check(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("a NUL in the address")
        if any("\0" in value for value in request.COOKIES.values()):
            return HttpResponseBadRequest("a NUL in a cookie")
        return answer(request)

    return check


def keep_private(answer: Answer) -> Answer:
    """`private, no-store` on every answer to somebody signed in, so that no cache and no "back" shows it to another.

    A page that never looked at the session is nobody's in particular, and one that says "public" knows why.
    """

    def mark(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        is_public = "public" in response.headers.get("Cache-Control", "")
        if request.session.accessed and not is_public and request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response

    return mark


def own_error_pages(answer: Answer) -> Answer:
    """The demo runs with DEBUG, but its people meet our error pages, not the developers' ones; the log has the rest."""

    def show(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if not (settings.DEMO and settings.DEBUG and isinstance(response, NotFound | Broken)):
            return response
        resolver: Any = get_resolver(getattr(request, "urlconf", None))
        page = resolver.resolve_error_handler(response.status_code)
        shown: HttpResponse = page(request, Http404()) if isinstance(response, NotFound) else page(request)
        return shown

    return show
