"""A verified call of the gateway."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox import wire
from sandbox.models import FaultOrder
from sandbox.wire import Refused


@dataclass(frozen=True, slots=True)
class Call:
    """`parameters` are the common ones, `content` is biz_content, `at` when it came in, `fault` what was ordered."""

    parameters: dict[str, str]
    content: dict[str, Any]
    at: datetime
    fault: FaultOrder | None = None

    def text(self, name: str, longest: int = 64) -> str:
        """A field that must be there."""
        value = self.content.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise Refused("ACQ.INVALID_PARAMETER", f"{name} is missing or too long")
        return value

    def maybe(self, name: str) -> str:
        return str(self.content.get(name) or "")

    def amount(self, name: str) -> Decimal:
        return wire.amount(self.content.get(name))

    def common(self, name: str) -> str:
        return self.parameters.get(name, "")
