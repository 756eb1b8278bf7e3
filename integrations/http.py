"""The one place that opens connections to providers.

A client reaches the host that it was made for and no other, follows no redirect and reads no proxy from the
environment. PROVIDER_TRANSPORT (a dotted path to a callable) puts another transport below it: tests go in-process.
Every attempt is counted (`tally`) under `whom`, or under its host where the caller does not say who is called.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Final

import httpx
import stamina
from django.conf import settings
from django.utils.module_loading import import_string

from integrations import breaker, patience, tally
from integrations.errors import ProviderUnavailable, Unreached
from integrations.tally import Outcome

TIMEOUT: Final = httpx.Timeout(10, connect=3)
ATTEMPTS: Final = 3
PATIENCE_S: Final = 12  # no further attempt begins after it: a person may be waiting
REPLY_MAX_BYTES: Final = 1_000_000


def post(url: str, *, again: bool, content: bytes, headers: dict[str, str], whom: str = "") -> httpx.Response:
    """One POST. `again` allows further attempts, and is for idempotent calls only: an SMS is never sent twice."""
    return request("POST", url, again=again, content=content, headers=lambda: headers, whom=whom)


def request(
    method: str, url: str, *, again: bool, content: bytes, headers: Callable[[], dict[str, str]], whom: str = ""
) -> httpx.Response:
    """One call; `headers()` is asked before each attempt, for signatures that carry an instant and a nonce."""
    host = httpx.URL(url).netloc.decode()

    def send() -> httpx.Response:
        return _send(method, url, content, headers(), whom or host)

    is_repeated = again and patience.limit() is None
    return breaker.guarded(host, partial(_retried, send) if is_repeated else send)


def download(url: str, *, under: str, most: int, headers: dict[str, str] | None = None, whom: str = "") -> bytes:
    """The bytes at an address that a provider told, only from the host of `under` and at most `most` of them.

    ProviderUnavailable for any other host, for an answer that is packed on its way, and for more bytes.
    """
    if _place(url) != _place(under):
        raise ProviderUnavailable("a file at another host than the configured one")
    asked = {"accept-encoding": "identity", **(headers or {})}
    host = httpx.URL(under).netloc.decode()
    return breaker.guarded(host, partial(_downloaded, url, most, asked, whom or host))


def _place(url: str) -> tuple[str, str, int | None]:
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise ProviderUnavailable("not an address") from error
    return parts.scheme, parts.host, parts.port


def _downloaded(url: str, most: int, headers: dict[str, str], whom: str) -> bytes:
    found = bytearray()
    try:
        with _counted(whom) as ended, client(url).stream("GET", url, headers=headers) as reply:
            ended(reply.status_code)
            if reply.status_code >= 500:
                raise Unreached(f"HTTP {reply.status_code}")
            if reply.status_code != 200 or reply.headers.get("content-encoding", "identity") != "identity":
                raise ProviderUnavailable(f"HTTP {reply.status_code}")
            for chunk in reply.iter_bytes():
                found += chunk
                if len(found) > most:
                    raise ProviderUnavailable(f"more than {most} bytes")
    except httpx.TransportError as error:
        raise Unreached(type(error).__name__) from error
    return bytes(found)


def _send(method: str, url: str, content: bytes, headers: dict[str, str], whom: str) -> httpx.Response:
    try:
        with _counted(whom) as ended:
            reply = client(url).request(method, url, content=content, headers=headers, timeout=_timeout())
            ended(reply.status_code)
    except httpx.TransportError as error:
        raise Unreached(type(error).__name__) from error
    if reply.status_code >= 500:
        raise Unreached(f"HTTP {reply.status_code}")
    if reply.is_redirect or len(reply.content) > REPLY_MAX_BYTES:
        raise ProviderUnavailable(f"HTTP {reply.status_code}, {len(reply.content)} bytes")
    return reply


def _outcome(status: int) -> Outcome:
    return Outcome.FAILED if status >= 500 else Outcome.REFUSED if status >= 400 else Outcome.ANSWERED


@contextmanager
def _counted(whom: str) -> Iterator[Callable[[int], None]]:
    """Count one attempt, whose end is told by its status; without one it failed, or it was waited for in vain."""
    with tally.counted(whom) as ended:
        try:
            yield lambda status: ended(_outcome(status))
        except httpx.TimeoutException:
            ended(Outcome.TIMED_OUT)
            raise


def _timeout() -> httpx.Timeout:
    limit = patience.limit()
    return TIMEOUT if limit is None else httpx.Timeout(limit * 2 / 3, connect=limit / 3)


def _retried(send: Callable[[], httpx.Response]) -> httpx.Response:
    for attempt in stamina.retry_context(
        on=Unreached, attempts=ATTEMPTS, timeout=PATIENCE_S, wait_initial=0.2, wait_max=2
    ):
        with attempt:
            return send()
    raise AssertionError("stamina ends with an answer or with the last error")


def client(url: str) -> httpx.Client:
    """The kept client of the host in `url`."""
    parts = httpx.URL(url)
    return _client(parts.scheme, parts.host, parts.port, settings.PROVIDER_TRANSPORT)


@cache
def _client(scheme: str, host: str, port: int | None, transport: str) -> httpx.Client:
    below: httpx.BaseTransport = import_string(transport)() if transport else httpx.HTTPTransport()
    return httpx.Client(
        transport=_OneHost(scheme, host, port, below), timeout=TIMEOUT, follow_redirects=False, trust_env=False
    )


class _OneHost(httpx.BaseTransport):
    """Egress only to the configured host (reliability.md)."""

    def __init__(self, scheme: str, host: str, port: int | None, below: httpx.BaseTransport) -> None:
        self._allowed = (scheme, host, port)
        self._below = below

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if (request.url.scheme, request.url.host, request.url.port) != self._allowed:
            raise httpx.UnsupportedProtocol(f"not a configured host: {request.url.host}")
        return self._below.handle_request(request)

    def close(self) -> None:
        self._below.close()


def json_object(reply: httpx.Response) -> dict[str, Any]:
    """The JSON object of a reply; anything else says nothing, so ProviderUnavailable."""
    try:
        value = reply.json()
    except ValueError as error:
        raise ProviderUnavailable("not JSON") from error
    if not isinstance(value, dict):
        raise ProviderUnavailable("not a JSON object")
    return value
