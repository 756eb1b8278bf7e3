"""A machine at the API: a token, and requests with it."""

import json
from datetime import datetime
from itertools import count
from typing import Any

from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.services import tokens
from orders.models import Order
from tests import make

V1 = "/api/v1"
_keys = count(1)


def key() -> str:
    return f"request-{next(_keys):06d}"


class Machine:
    """Asks with one token at one moment; a language in which it is told."""

    def __init__(self, user: User, at: datetime = make.AT, language: str = "en") -> None:
        cache.clear()  # what was counted of a token before
        self.token = tokens.make(user, f"machine {next(_keys)}", at)
        self.at, self.client = at, Client()
        self.headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": language}

    def get(self, address: str, **headers: str) -> Any:
        with make.moment(self.at):
            return self.client.get(f"{V1}{address}", headers={**self.headers, **headers})

    def post(self, address: str, body: Any, **headers: str) -> Any:
        """`body`: what becomes JSON, or bytes as they are."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        with make.moment(self.at):
            return self.client.post(
                f"{V1}{address}", sent, content_type="application/json", headers={**self.headers, **headers}
            )

    def order(self, order: Order) -> Any:
        answer = self.get(f"/orders/{order.number}/")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def act(self, order: Order, name: str, body: Any = None, known: str = "") -> Any:
        """Take a step, under a key of its own unless one is `known`."""
        headers = {"Idempotency-Key": known or key()}
        return self.post(f"/orders/{order.number}/actions/{name}/", {} if body is None else body, **headers)


def problem(answer: Any) -> tuple[int, str]:
    """Status and code of a problem that is told as one."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    told = answer.json()
    assert set(told) - {"errors"} == {"type", "title", "status", "code", "detail"}
    assert told["status"] == answer.status_code
    assert told["detail"]
    return answer.status_code, told["code"]
