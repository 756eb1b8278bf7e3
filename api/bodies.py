"""Bodies of requests: one JSON object, small, shallow, each key once, and nothing that is no JSON."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from api.problems import Problem

LARGEST = 16 * 1024
DEEPEST = 4


class KeyTwice(ValueError):
    """JSON readers differ in which of the two they take."""


class StrictJson(BaseParser):
    """413 for too much, 400 for what is no such object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise Problem(413, "body_too_large", _("The body is too large."))
        return read(raw)


def read(raw: bytes) -> dict[str, Any]:
    """The object in `raw`. Problem for anything else."""
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_each_once, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode()  # half a character, as "\ud800", can neither be kept nor told
    except KeyTwice as error:
        raise Problem(400, "json_key_twice", _("A key stands twice in the body.")) from error
    except (ValueError, RecursionError) as error:
        raise Problem(400, "json_invalid", _("The body is no valid JSON.")) from error
    if not isinstance(found, dict):
        raise Problem(400, "json_no_object", _("The body must be one JSON object."))
    if _is_deeper(found, DEEPEST):
        raise Problem(400, "json_too_deep", _("The body is nested too deeply."))
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise KeyTwice
    return found


def _refuse(constant: str) -> Any:
    """NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError(constant)


def _is_deeper(value: Any, than: int) -> bool:
    """Stops at that depth: a body that is all brackets must not use up the stack."""
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return than == 0 or any(_is_deeper(each, than - 1) for each in inside)
