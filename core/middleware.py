"""What no page of ours can use is refused at the door."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

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
