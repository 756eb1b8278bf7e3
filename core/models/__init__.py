"""The kernel's tables."""

from core.models.approvals import Approval
from core.models.clock import ClockShift, Holiday
from core.models.events import Event
from core.models.messages import Consumed, InboxNotice, OutboxMessage
from core.models.requests import IdempotencyKey
from core.models.states import StateEdge
from core.models.versions import Version
from core.models.work import JobRun, Mishap

__all__ = [
    "Approval",
    "ClockShift",
    "Consumed",
    "Event",
    "Holiday",
    "IdempotencyKey",
    "InboxNotice",
    "JobRun",
    "Mishap",
    "OutboxMessage",
    "StateEdge",
    "Version",
]
