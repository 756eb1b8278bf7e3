"""One way to write a value down: canonical JSON, so that equal terms have equal bytes and one hash.

Keys sorted, no spaces, UTF-8 unescaped, decimals as plain strings, days and instants in ISO 8601. No floats.
"""

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: object) -> bytes:
    """Canonical UTF-8 bytes. ValueError for a float, a naive instant or any other type without one spelling."""
    try:
        text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8")
    except RecursionError as error:
        raise ValueError("nested too deeply to be written down") from error


def sha256(value: object) -> str:
    """Hex SHA-256 of the canonical bytes."""
    return hashlib.sha256(encode(value)).hexdigest()


def plain(value: object) -> Any:
    """`value` as what JSON knows: dict, list, str, int, bool, None."""
    match value:
        case None | bool():
            return value
        case StrEnum():
            return value.value
        case str() | int():
            return value
        case Decimal() if value.is_finite():
            return format(value, "f")
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat()
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case Mapping() if all(isinstance(key, str) for key in value):
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise ValueError(f"no canonical spelling for {type(value).__name__}")


def decode(kind: type[T], raw: Any, path: str = "") -> T:
    """`raw` (parsed JSON) as the dataclass `kind`. KeyError names an absent field, ValueError anything else wrong."""
    if not isinstance(raw, dict):
        raise ValueError(f"{path or kind.__name__} is not an object")
    hints = get_type_hints(kind)
    unknown = set(raw) - set(hints)
    if unknown:
        raise ValueError(f"unknown field {path}{min(unknown)}")
    values: dict[str, Any] = {}
    for name, hint in hints.items():
        if name not in raw:
            raise KeyError(path + name)
        values[name] = _as(hint, raw[name], path + name)
    return kind(**values)


def _as(hint: Any, raw: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return None if raw is None else _as(inner, raw, path)
    if origin is tuple:
        if not isinstance(raw, list):
            raise ValueError(f"{path} is not a list")
        return tuple(_as(get_args(hint)[0], item, f"{path}[{i}].") for i, item in enumerate(raw))
    if is_dataclass(hint) and isinstance(hint, type):
        return decode(hint, raw, path.rstrip(".") + ".")
    return _scalar(hint, raw, path)


def _scalar(hint: Any, raw: Any, path: str) -> Any:
    written = {Decimal: str, date: str, datetime: str}.get(hint, str if issubclass(hint, StrEnum) else hint)
    if type(raw) is not written:
        raise ValueError(f"{path} is not a {written.__name__}")
    try:
        if hint in (date, datetime):
            return hint.fromisoformat(raw)
        return raw if type(raw) is hint else hint(raw)
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"{path} cannot be read: {raw!r}") from error
