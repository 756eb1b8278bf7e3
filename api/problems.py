"""What went wrong, told as application/problem+json (RFC 9457): a stable code for machines, a sentence for people."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError
from core.services.requests import RequestKeyReused

MEDIA_TYPE = "application/problem+json"
Errors = dict[str, list[dict[str, str]]]
TOLD: dict[type[Exception], tuple[int, str, str | Promise]] = {
    exceptions.NotAuthenticated: (401, "not_authenticated", _("Send a token in the header Authorization: Bearer.")),
    exceptions.AuthenticationFailed: (401, "token_invalid", _("This token opens nothing, or not any more.")),
    exceptions.Throttled: (429, "throttled", _("Too many requests with this token. Please wait.")),
    exceptions.MethodNotAllowed: (405, "method_not_allowed", _("This address does not take that method.")),
    exceptions.UnsupportedMediaType: (415, "media_type", _("The body must be application/json.")),
    exceptions.NotAcceptable: (406, "not_acceptable", _("The answer is application/json.")),
    exceptions.PermissionDenied: (403, "forbidden", _("This is not allowed.")),
    PermissionDenied: (403, "forbidden", _("This is not allowed.")),
    Http404: (404, "not_found", _("There is nothing at this address.")),
}
STATUS = {RequestKeyReused.code: 422}  # of what the domain refuses; anything else stands in the way: 409


class Problem(Exception):
    """A request that cannot be answered; `errors`: what is wrong with each field, "" for the whole."""

    def __init__(self, status: int, code: str, detail: str | Promise, errors: Errors | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.errors = status, code, detail, errors


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None for what nobody foresaw: it is raised, logged and answered as a server error."""
    problem = _problem(error)
    if problem is None:
        return None
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem.detail),
        **({"errors": problem.errors} if problem.errors else {}),
    }
    return Response(told, status=problem.status, headers=_headers(error), content_type=MEDIA_TYPE)


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, DomainError):
        return Problem(STATUS.get(error.code, 409), error.code, str(error))
    known = next((TOLD[kind] for kind in type(error).__mro__ if kind in TOLD), None)
    return Problem(*known) if known else None


def _headers(error: Exception) -> dict[str, str]:
    wait, asked = getattr(error, "wait", None), getattr(error, "auth_header", None)
    return {
        **({"Retry-After": str(int(wait) + 1)} if wait is not None else {}),
        **({"WWW-Authenticate": asked} if asked else {}),
    }
