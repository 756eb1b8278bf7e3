"""A provider of refunds whose answers a test sets."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import Refund
from integrations import registry
from integrations.payments import RefundFact, RefundStatus
from tests import things

LATER = things.AT + timedelta(minutes=5)


class Bank:
    """A provider whose answers to refunds are set by the test, the last one for ever; it keeps what it was asked."""

    merchant_id = "-"

    def __init__(self, *answers: RefundStatus | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str, Decimal | None]] = []

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact:
        self.requests.append(("refund", refund_no, amount))
        return self._answer(request_no, refund_no, amount)

    def query_refund(self, request_no: str, refund_no: str) -> RefundFact:
        self.requests.append(("query", refund_no, None))
        return self._answer(request_no, refund_no, Refund.objects.get(number=refund_no).amount)

    def _answer(self, request_no: str, refund_no: str, amount: Decimal) -> RefundFact:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return RefundFact(request_no, refund_no, answer, amount, LATER)


def bank(monkeypatch: pytest.MonkeyPatch, *answers: RefundStatus | Exception) -> Bank:
    made = Bank(*answers)
    monkeypatch.setattr(registry, "payments", lambda name: made)
    return made
