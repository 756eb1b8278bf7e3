"""How the adapters reach the sandbox in tests: real requests, in this process and in the test's transaction."""

import httpx


def sandbox() -> httpx.BaseTransport:
    from sandbox.wsgi import application

    return httpx.WSGITransport(app=application)
