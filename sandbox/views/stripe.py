"""/stripe/v1/: checks the key, answers a known Idempotency-Key again, acts."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from sandbox import stripe
from sandbox.cards import CardPayment, CardRefund, KnownKey
from sandbox.models import FaultOrder
from sandbox.services import cards, faults

Kind = FaultOrder.Kind
Words = dict[str, Any]
Act = Callable[[Words, datetime, FaultOrder | None], Words]
METHODS: Final = (
    "stripe.session", "stripe.sessions", "stripe.expire", "stripe.search", "stripe.charge", "stripe.intent",
    "stripe.capture", "stripe.cancel", "stripe.refund", "stripe.refunds", "stripe.balance",
)  # fmt: skip
EVENTS: Final = (
    "charge.succeeded", "charge.captured", "payment_intent.canceled", "refund.created", "refund.failed",
)  # fmt: skip
PARAMETERS: Final = {
    "stripe.session": {
        "mode", "client_reference_id", "payment_method_types", "line_items", "payment_intent_data", "metadata",
        "expires_at", "success_url", "cancel_url", "expand",
    },
    "stripe.expire": {"expand"},
    "stripe.charge": {"metadata", "expand"},
    "stripe.intent": {"metadata", "expand"},
    "stripe.capture": {"amount_to_capture", "expand"},
    "stripe.cancel": {"cancellation_reason", "expand"},
    "stripe.refund": {"charge", "payment_intent", "amount", "reason", "metadata", "expand"},
}  # fmt: skip
KEPT: Final = timedelta(days=1)
CLAUSE: Final = re.compile(r"metadata\[['\"](\w+)['\"]\]:\s*['\"]([^'\"]*)['\"]")
MOST: Final = 100


@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _answer(request, "stripe.sessions", _listed_sessions)
    return _answer(request, "stripe.session", _made_session)


@require_GET
def session(request: HttpRequest, number: str) -> HttpResponse:
    def act(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
        return cards.told_page(cards.known(number, "checkout.session", at), whole=_expands(asked, "payment_intent"))

    return _answer(request, "stripe.session", act)


@require_POST
def expire(request: HttpRequest, number: str) -> HttpResponse:
    return _answer(request, "stripe.expire", lambda _a, at, _f: cards.told_page(cards.expire(number, at), whole=False))


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Charges by their metadata: clauses joined by OR."""

    def act(asked: Words, _at: datetime, _fault: FaultOrder | None) -> Words:
        found = [CLAUSE.fullmatch(clause.strip()) for clause in str(asked.get("query", "")).split(" OR ")]
        if not all(found):
            raise stripe.invalid("", "We were unable to parse your search query.")
        rows = cards.charged({clause[1]: clause[2] for clause in found if clause})
        told = [cards.told_charge(row) for row in rows[:MOST]]
        return {"object": "search_result", "data": told, "has_more": False, "url": "/v1/charges/search"}

    return _answer(request, "stripe.search", act)


@require_http_methods(["GET", "POST"])
def charge(request: HttpRequest, number: str) -> HttpResponse:
    def act(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
        row = _marked(request, number, "charge", asked, at)
        return cards.told_charge(row, whole=_expands(asked, "balance_transaction"))

    return _answer(request, "stripe.charge", act)


@require_http_methods(["GET", "POST"])
def intent(request: HttpRequest, number: str) -> HttpResponse:
    def act(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
        row = _marked(request, number, "payment_intent", asked, at)
        return cards.told_intent(row, whole=_expands(asked, "latest_charge"))

    return _answer(request, "stripe.intent", act)


@require_POST
def capture(request: HttpRequest, number: str) -> HttpResponse:
    def act(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
        amount = _amount(asked, "amount_to_capture") if "amount_to_capture" in asked else None
        return cards.told_intent(cards.capture(number, amount, at), whole=False)

    return _answer(request, "stripe.capture", act)


@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    return _answer(
        request, "stripe.cancel", lambda _a, at, _f: cards.told_intent(cards.cancel(number, at), whole=False)
    )


@require_http_methods(["GET", "POST"])
def refunds(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _answer(request, "stripe.refunds", _listed_refunds)

    def act(asked: Words, at: datetime, fault: FaultOrder | None) -> Words:
        number = _bare(asked.get("charge") or asked.get("payment_intent") or "")
        return cards.told_refund(cards.refund(number, _amount(asked, "amount"), asked.get("metadata", {}), fault, at))

    return _answer(request, "stripe.refund", act)


@require_GET
def balance(request: HttpRequest) -> HttpResponse:
    empty = [{"amount": 0, "currency": "cny"}]
    told = {"object": "balance", "available": empty, "pending": empty, "livemode": False}
    return _answer(request, "stripe.balance", lambda _a, _at, _f: told)


def _answer(request: HttpRequest, method: str, act: Act) -> HttpResponse:
    """An ordered fault may spoil the answer after the act."""
    at, fault, headers = clock.now(), faults.take(method), {}
    if fault and fault.kind == Kind.DOWN:
        return HttpResponse("Service Unavailable", status=503)
    try:
        stripe.check(request)
        with transaction.atomic():
            content, is_again = _once(request, method, act, at, fault)
        headers = {"Idempotent-Replayed": "true"} if is_again else {}
        status = 200
    except stripe.Refused as refusal:
        content, status = refusal.content(), refusal.status
    return _disturbed(fault, JsonResponse(content, status=status, headers=headers))


def _once(
    request: HttpRequest, method: str, act: Act, at: datetime, fault: FaultOrder | None
) -> tuple[Words, bool]:  # fmt: skip
    if request.method == "GET":
        return act(stripe.nested(_pairs(request.GET)), at, fault), False
    asked = stripe.nested(_pairs(request.POST))
    strange = set(asked) - PARAMETERS[method]
    if strange:
        raise stripe.invalid("parameter_unknown", f"Received unknown parameter: {min(strange)}")
    key, digest = request.headers.get("Idempotency-Key", ""), stripe.digest(request)
    known = KnownKey.objects.filter(value=key, made_at__gt=at - KEPT).first() if key else None
    if known:
        if known.digest != digest:
            words = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            raise stripe.Refused(400, "idempotency_error", "", words)
        return known.answer, True
    content = act(asked, at, fault)
    if key:
        KnownKey.objects.filter(value=key).delete()
        KnownKey.objects.create(value=key, digest=digest, answer=content, made_at=at)
    return content, False


def _pairs(given: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in given.items()]


def _disturbed(fault: FaultOrder | None, answer: HttpResponse) -> HttpResponse:
    match fault.kind if fault else "":
        case Kind.HANG:
            time.sleep(int((fault and fault.argument) or 30))
            return HttpResponse("Gateway Time-out", status=504)
        case Kind.LOSE_REPLY:
            return JsonResponse({"error": {"type": "api_error", "message": "An unknown error occurred"}}, status=500)
        case Kind.UNKNOWN:
            words = {"type": "invalid_request_error", "code": "lock_timeout", "message": "cannot be accessed right now"}
            return JsonResponse({"error": words}, status=429)
        case Kind.FORGED:  # answers bear no signature: what comes from somebody else is not even an answer
            return HttpResponse("<html><title>Sign in to this network</title></html>")
    return answer


def _made_session(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
    try:
        price = asked["line_items"]["0"]["price_data"]
        amount, expires = int(price["unit_amount"]), datetime.fromtimestamp(int(asked["expires_at"]), UTC)
        given = (asked["mode"], price["currency"], asked["success_url"], price["product_data"]["name"])
        asked["payment_intent_data"].get("metadata")
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise stripe.invalid("parameter_missing", f"Missing or wrong: {error}") from error
    if given[:2] != ("payment", "cny") or not given[3] or amount < 1:
        raise stripe.invalid("parameter_invalid", "mode, currency, name or unit_amount")
    if not timedelta(minutes=30) <= expires - at <= timedelta(hours=24):
        words = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise stripe.invalid("", words)
    return cards.told_page(cards.open_page(asked, amount, expires, at), whole=False)


def _listed_sessions(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
    since = int((asked.get("created") or {}).get("gte", 0))
    whole = _expands(asked, "data.payment_intent")
    rows = [cards.told_page(cards.lapse(row, at), whole=whole) for row in cards.pages(at, since)[: 10 * MOST]]
    return _page(asked, rows, "/v1/checkout/sessions")


def _listed_refunds(asked: Words, at: datetime, _fault: FaultOrder | None) -> Words:
    cards.settle_due(at)
    rows = CardRefund.objects.filter(payment__number=_bare(asked.get("charge", ""))).select_related("payment")
    return _page(asked, [cards.told_refund(row) for row in rows.order_by("-pk")], "/v1/refunds")


def _page(asked: Words, rows: list[Words], url: str) -> Words:
    limit, after = int(asked.get("limit", 10)), asked.get("starting_after")
    if not 1 <= limit <= MOST:
        raise stripe.invalid("parameter_invalid_integer", "limit")
    first = next((place + 1 for place, row in enumerate(rows) if row["id"] == after), 0)
    shown = rows[first : first + limit]
    return {"object": "list", "data": shown, "has_more": first + limit < len(rows), "url": url}


def _marked(request: HttpRequest, number: str, what: str, asked: Words, at: datetime) -> CardPayment:
    if request.method == "GET":
        return cards.known(number, what, at)
    return cards.mark(number, what, asked.get("metadata", {}), at)


def _expands(asked: Words, what: str) -> bool:
    return any(str(path).startswith(what) for path in (asked.get("expand") or {}).values())


def _bare(number: str) -> str:
    return number.rpartition("_")[2]


def _amount(asked: Words, name: str) -> int:
    value = str(asked.get(name, ""))
    if not re.fullmatch(r"[1-9]\d{0,11}", value, re.ASCII):
        raise stripe.invalid("parameter_invalid_integer", f"Invalid integer: {json.dumps(value)}")
    return int(value)
