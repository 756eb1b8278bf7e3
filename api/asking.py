"""What stands beside the body of a request: parts of its address, and its Idempotency-Key. Anything else is refused."""

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from api.problems import Errors, Problem
from orders.models import State

KEY = re.compile(r"[A-Za-z0-9._:-]{8,80}")
PLACE = re.compile(r"[0-9]{1,18}")


def listed(request: Request) -> tuple[str, str]:
    """The state that is asked for and the place in the list; each may be left out."""
    _only(request, {"state", "before"})
    state, before = request.query_params.get("state", ""), request.query_params.get("before", "")
    wrong: Errors = {}
    if "state" in request.query_params and state not in State.values:
        wrong["state"] = [{"code": "invalid_choice", "message": _("There is no such state.")}]
    if "before" in request.query_params and not PLACE.fullmatch(before):
        wrong["before"] = [{"code": "invalid", "message": _("This is no place in the list.")}]
    if wrong:
        raise Problem(400, "parameters_invalid", _("Some parameters of the address are wrong."), wrong)
    return state, before


def nothing(request: Request) -> None:
    """No parameters at all."""
    _only(request, set())


def key(request: Request) -> str:
    """One for each thing that is to be done once: 8 to 80 letters, digits or . _ : -"""
    found = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(found):
        said = _("Send a header Idempotency-Key of 8 to 80 letters, digits or . _ : -")
        raise Problem(400, "idempotency_key_needed", said)
    return found


def _only(request: Request, known: set[str]) -> None:
    """Each once; a token never stands in an address."""
    wrong: Errors = {
        name: [{"code": "unknown", "message": _("There is no such parameter.")}]
        for name, values in request.query_params.lists()
        if name not in known or len(values) > 1
    }
    if wrong:
        raise Problem(400, "parameters_invalid", _("Some parameters of the address are wrong."), wrong)
