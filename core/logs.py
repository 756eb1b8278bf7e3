"""Logs: one JSON object a line, with phone numbers, ID numbers and tokens masked (reliability.md)."""

import json
import logging
import re
from datetime import UTC, datetime

_PERSONAL = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)|(?<![\dA-Za-z])(\d{6})\d{8}(\d{3}[\dXx])(?![\dA-Za-z])")
_TOKENS = re.compile(r"((?:token|auth_code|code|sign|signature|password)=)[^&\s\"']+", re.IGNORECASE)

_API_TOKEN = re.compile(r"\bxz_[0-9a-f]{4,}|(?<=Bearer )[^\s\"',]+")
_RECEIPTS = re.compile(r"(/api/receipts/[\w-]+/)[^/\s\"']+")


def masked(text: str) -> str:
    """`text` without the middle of any phone or ID number and without the value of any token or secret address."""
    text = _API_TOKEN.sub("***", text)  # first: digits inside one may look like a phone
    text = _PERSONAL.sub(lambda m: f"{m[1]}****{m[2]}" if m[1] else f"{m[3]}********{m[4]}", text)
    return _RECEIPTS.sub(r"\1***", _TOKENS.sub(r"\1***", text))


class MaskFilter(logging.Filter):
    """Masks the finished message of a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
