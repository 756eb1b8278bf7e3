"""How the adapters reach the sandbox in tests: real requests, in this process and in the test's transaction."""

import httpx
import pytest
from django.db import connection


class CalledInsideTransaction(AssertionError):
    """A provider was called while our rows were locked (house.md: never a provider call inside a transaction)."""


class Transport(httpx.WSGITransport):
    """The sandbox in this process; refuses a call from inside any transaction but the test's own."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with pytest.MonkeyPatch.context() as patch:
            # pyHanko asks for time stamps inside an event loop; the sandbox, a process of its own elsewhere, may query
            patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
            return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CalledInsideTransaction(str(request.url))
        answer = super().handle_request(request)
        content = answer.read()
        answer.close()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


def sandbox() -> httpx.BaseTransport:
    from sandbox.wsgi import application

    return Transport(app=application)
