"""The sandbox as a WSGI application: in a process of its own, or inside the platform's through httpx.WSGITransport."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import django
import httpx
from django.apps import apps
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, get_script_name
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import translation

from core.middleware import own_error_pages
from sandbox import conf, keys

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self' http: https:"  # an answer leads back to the shop, and browsers count that redirect
)


class SandboxHandler(WSGIHandler):
    """Django with the sandbox's addresses and one middleware.

    No sessions and no CSRF check: nobody is signed in here, a phone in a form is all there is, so there is no
    authority that a foreign page could borrow.
    """

    def __init__(self) -> None:
        conf.check_allowed()
        if settings.MAKE_KEYS:
            keys.make_all()
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        answer: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        self._middleware_chain = convert_exception_to_response(LocaleMiddleware(own_error_pages(answer)))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # type: ignore[override]
        """Inside someone's transaction (a test) the request signals stay silent: they would close its connection."""
        if str(environ.get("SERVER_SOFTWARE", "")).startswith("gunicorn"):  # the sandbox has this process to itself
            courier.start()
        with _thread_kept():
            if not connection.in_atomic_block:
                return super().__call__(environ, start_response)
            set_script_prefix(get_script_name(environ))
            response = self.get_response(self.request_class(environ))
            cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
            start_response(f"{response.status_code} {response.reason_phrase}", [*response.items(), *cookies])
            return [response.content]

    def get_response(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = "sandbox.urls"
        response = super().get_response(request)
        assert isinstance(response, HttpResponse)  # nothing here streams
        response.headers["Content-Security-Policy"] = CONTENT_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response


@contextmanager
def _thread_kept() -> Iterator[None]:
    """Leave the thread as it was: in-process, the platform's own request goes on in it."""
    prefix, urlconf, language = get_script_prefix(), get_urlconf(), translation.get_language()
    try:
        yield
    finally:
        set_script_prefix(prefix)
        set_urlconf(urlconf)
        if language:
            translation.activate(language)
        else:
            translation.deactivate_all()


def transport() -> httpx.BaseTransport:
    """For PROVIDER_TRANSPORT: every provider call stays in this process."""
    return httpx.WSGITransport(app=application)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rental.settings")
if not apps.ready:
    django.setup()
from sandbox import courier  # noqa: E402 - needs the models

application = SandboxHandler()
