"""The customer's address behind our own proxies: sign-in locks and the evidence of a signature go by it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def client_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """REMOTE_ADDR becomes what the outermost of settings.PROXIES saw; left of it anybody may have written."""

    def answer(request: HttpRequest) -> HttpResponse:
        seen = request.headers.get("X-Forwarded-For", "").split(",")
        if len(seen) >= settings.PROXIES and (address := seen[-settings.PROXIES].strip()):
            request.META["REMOTE_ADDR"] = address
        return get_response(request)

    return answer
