"""Stripe: cards of other countries, on its hosted page (Checkout), at once or held for some days.

A card is held for seven days at the most and taken from once: what is not taken goes back with it, and a hold that
nothing is taken from is released as a whole. No statement and no dispute is read from it (ADR 31).

Stripe keeps no number of ours but in `metadata`. What was paid is found by its search, which lags a minute behind; so a
page of the last day is looked at itself, by the id that the cache remembers, else in the list of those pages.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.core.cache import cache

from core import clock, money
from integrations.errors import BadSignature, ProviderRefused, ProviderUnavailable
from integrations.payments import (
    FreezeFact,
    FreezeIntent,
    Notice,
    PayIntent,
    PaymentFact,
    Redirect,
    RefundFact,
    RefundStatus,
    ReleaseFact,
    Status,
)
from integrations.payments import stripe_objects as read
from integrations.payments.notices import understood
from integrations.stripe import CALLED, SIGNATURE_HEADER, Api, instant

log = logging.getLogger(__name__)
SESSIONS: Final = "/v1/checkout/sessions"
MISSING: Final = "resource_missing"
OTHER_CONTENT: Final = "idempotency_error"
PAGE_LEAST, PAGE_MOST = timedelta(minutes=31), timedelta(hours=23)  # Stripe takes 30 minutes to 24 hours
RECENT: Final = timedelta(hours=25)
WHOLE_CHARGE: Final = "payment_intent.latest_charge.balance_transaction"
REFUND_EVENTS: Final = frozenset({"refund.created", "refund.updated", "refund.failed"})


@dataclass(frozen=True, slots=True)
class Stripe:
    called: ClassVar[str] = CALLED
    capabilities: ClassVar[frozenset[str]] = frozenset({"page", "wap", "refund", "freeze", "capture"})
    signature_headers: ClassVar[frozenset[str]] = frozenset({SIGNATURE_HEADER})
    url: str
    account: str
    api_key: str
    webhook_secret: str
    longest_hold_days: int = 7

    @property
    def merchant_id(self) -> str:
        return self.account

    @property
    def address(self) -> str:
        return self.url

    def check(self) -> None:
        self._api.get("/v1/balance")

    # payments

    def pay(self, intent: PayIntent) -> Redirect:
        known = {"number": intent.request_no}
        return self._page(known, intent.amount, intent.subject, intent.expires_at, intent.return_url, "automatic")

    def query(self, request_no: str) -> PaymentFact:
        charge, session = self._found(request_no)
        if charge and charge.get("captured"):
            return read.payment(charge, self._receiver(charge))
        if session is None or read.is_freeze(session):
            return self._no_payment(request_no, Status.NOT_FOUND)
        return self._no_payment(request_no, read.session_status(session), read.cents(session.get("amount_total")))

    def close(self, request_no: str) -> PaymentFact:
        self._end_page(request_no)
        return self.query(request_no)

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact:
        charge, _ = self._found(request_no)
        if charge is None:
            raise ProviderUnavailable("the payment is not there")
        earlier = self._refund_of(charge, refund_no)
        if earlier is None:
            content = {
                "charge": read.named(charge, "id"),
                "amount": money.to_cents(amount),
                "metadata": {"number": refund_no, "payment": request_no, "reason": reason[:200]},
            }
            return read.refund(self._api.post("/v1/refunds", content, refund_no))
        if earlier.amount != amount:
            raise ProviderRefused(OTHER_CONTENT, "the same number with another amount")
        return earlier

    def query_refund(self, request_no: str, refund_no: str) -> RefundFact:
        charge, _ = self._found(request_no)
        found = self._refund_of(charge, refund_no) if charge else None
        return found or RefundFact(request_no, refund_no, RefundStatus.NOT_FOUND, None, None)

    # holds

    def freeze(self, intent: FreezeIntent) -> Redirect:
        known = {"number": intent.request_no, "order": intent.order_no}
        return self._page(known, intent.amount, intent.title, intent.expires_at, intent.return_url, "manual")

    def query_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        charge, session = self._found(request_no)
        if charge and read.is_freeze(charge):
            return read.freeze(charge, self._receiver(charge))
        status = read.session_status(session) if session else Status.NOT_FOUND
        return FreezeFact(order_no, request_no, "", "", status, None, "FUND", "", None, self.account)

    def capture(self, auth_no: str, request_no: str, amount: Decimal, subject: str, final: bool) -> PaymentFact:
        intent = self._api.get(f"/v1/payment_intents/{auth_no}", expand=["latest_charge"])
        charge = intent.get("latest_charge")
        number = read.named(charge, "id") if isinstance(charge, dict) else ""
        if not isinstance(charge, dict) or not charge.get("captured"):
            # the event of a capture shows the charge, not the intent, so our number must stand on it before
            mark = {"metadata": {"capture": request_no}}
            self._api.post(f"/v1/charges/{number}", mark, f"{request_no}-mark")
            content = {"amount_to_capture": money.to_cents(amount)}
            self._api.post(f"/v1/payment_intents/{auth_no}/capture", content, request_no)
        fact = self._taken(number)
        if (fact.request_no, fact.amount) != (request_no, amount):
            raise ProviderRefused("charge_already_captured", "taken already, under another number or amount")
        return fact

    def unfreeze(self, auth_no: str, request_no: str, amount: Decimal, remark: str) -> ReleaseFact:
        """Only the whole of what is not taken: ProviderRefused for a part of it, for one number after another."""
        intent = self._api.get(f"/v1/payment_intents/{auth_no}")
        known = read.marks(intent).get("release", "")
        if read.release(intent).amount != amount or known not in ("", request_no):
            raise ProviderRefused("partial_release", "a hold is released as a whole, once")
        if not known:
            mark = {"metadata": {"release": request_no}}
            intent = self._api.post(f"/v1/payment_intents/{auth_no}", mark, f"{request_no}-mark")
        if intent.get("status") == "requires_capture":
            intent = self._api.post(f"/v1/payment_intents/{auth_no}/cancel", {}, request_no)
        return read.release(intent)

    def query_release(self, auth_no: str, request_no: str) -> ReleaseFact:
        intent = self._api.get(f"/v1/payment_intents/{auth_no}")
        is_over = intent.get("status") in ("canceled", "succeeded")
        if is_over and read.marks(intent).get("release") == request_no:
            return read.release(intent)
        return ReleaseFact("", request_no, auth_no, "", Status.NOT_FOUND, None, None)

    def cancel_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        self._end_page(request_no)
        charge, session = self._found(request_no)
        if charge and not charge.get("captured") and not charge.get("refunded"):
            number = read.named(charge, "payment_intent")
            self._api.post(f"/v1/payment_intents/{number}/cancel", {}, f"{request_no}-cancel")
        status = Status.CLOSED if charge or session else Status.NOT_FOUND
        return FreezeFact(order_no, request_no, "", "", status, None, "FUND", "", None, self.account)

    # notices

    def parse_notice(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        event = self._api.opened(body, headers, at)
        notice_id = event.get("id")
        if not isinstance(notice_id, str) or not 0 < len(notice_id) <= 128 or not notice_id.isprintable():
            raise BadSignature("id")
        return understood(notice_id, lambda: self._read(notice_id, event))

    def acknowledgement(self) -> bytes:
        return b""

    def _read(self, notice_id: str, event: Mapping[str, Any]) -> Notice:
        held = event.get("data")
        told = held.get("object") if isinstance(held, dict) else None
        if not isinstance(told, dict):
            raise ProviderUnavailable("object")
        kind, receiver = str(event.get("type")), self._receiver(told)
        if "number" not in read.marks(told):  # made at the account by somebody else than this platform
            return Notice(notice_id, "other", None)
        if kind == "charge.succeeded" and read.is_freeze(told):
            return Notice(notice_id, "freeze", read.freeze(told, receiver))
        if kind == "charge.succeeded":
            return Notice(notice_id, "payment", read.payment(told, receiver))
        if kind == "charge.captured" and read.is_freeze(told):
            return Notice(notice_id, "payment", read.payment(told, receiver, instant(event.get("created"))))
        if kind == "payment_intent.canceled" and read.is_freeze(told):
            return Notice(notice_id, "release", read.release(told))
        if kind in REFUND_EVENTS:
            return Notice(notice_id, "refund", read.refund(told))
        return Notice(notice_id, "other", None)

    # the ways to an object

    @property
    def _api(self) -> Api:
        return Api(self.url, self.api_key, self.webhook_secret)

    def _page(
        self, known: Mapping[str, str], amount: Decimal, title: str, expires_at: datetime, back: str, capture: str
    ) -> Redirect:
        """The hosted page under `known["number"]`; asked for again with other words it is the one that there is."""
        number, cents = known["number"], money.to_cents(amount)
        product = {"currency": read.CURRENCY, "unit_amount": cents, "product_data": {"name": title}}
        content = {
            "mode": "payment",
            "client_reference_id": number,
            "payment_method_types": ["card"],
            "line_items": [{"quantity": 1, "price_data": product}],
            "payment_intent_data": {"capture_method": capture, "description": title, "metadata": known},
            "metadata": known,
            "expires_at": int((min(expires_at, clock.now() + PAGE_MOST) + PAGE_LEAST).timestamp()),
            "success_url": back,
            "cancel_url": back,
        }
        try:
            session = self._api.post(SESSIONS, content, number)
        except ProviderRefused as refusal:
            found = self._session(number) if refusal.provider_code == OTHER_CONTENT else None
            if found is None or found.get("amount_total") != cents or found.get("status") != "open":
                raise
            session = found
        self._remember(number, read.named(session, "id"))
        url = session.get("url")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise ProviderUnavailable("no page to send the customer to")
        return Redirect(url)

    def _end_page(self, number: str) -> None:
        """A page that somebody has paid on meanwhile is left as it is."""
        session = self._session(number)
        if session and session.get("status") == "open":
            try:
                self._api.post(f"{SESSIONS}/{read.named(session, 'id')}/expire", {}, f"{number}-expire")
            except ProviderRefused as refusal:
                log.info("page %s was over: %s", number, refusal.provider_code)

    def _found(self, number: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The charge under our number, as it is now, and the page where that is known."""
        session = self._remembered(number)
        if session is None:
            search = f"metadata['number']:'{number}' OR metadata['capture']:'{number}'"
            rows = self._api.get("/v1/charges/search", query=search).get("data") or []
            for row in rows:
                if row.get("status") == "succeeded":
                    return self._charge(read.named(row, "id")), None
            session = self._listed(number)
        return (read.charge_of(session) if session else None), session

    def _session(self, number: str) -> dict[str, Any] | None:
        return self._remembered(number) or self._listed(number)

    def _remembered(self, number: str) -> dict[str, Any] | None:
        known = cache.get(_key(number))
        if known is None:
            return None
        try:
            return self._api.get(f"{SESSIONS}/{known}", expand=[WHOLE_CHARGE])
        except ProviderRefused as refusal:
            if refusal.provider_code == MISSING:
                return None
            raise

    def _listed(self, number: str) -> dict[str, Any] | None:
        since = int((clock.now() - RECENT).timestamp())
        for row in self._api.rows(SESSIONS, created={"gte": since}, expand=[f"data.{WHOLE_CHARGE}"]):
            if row.get("client_reference_id") == number:
                self._remember(number, read.named(row, "id"))
                return row
        return None

    def _remember(self, number: str, session_id: str) -> None:
        cache.set(_key(number), session_id, RECENT.total_seconds())

    def _charge(self, number: str) -> dict[str, Any]:
        return self._api.get(f"/v1/charges/{number}", expand=["balance_transaction"])

    def _taken(self, number: str) -> PaymentFact:
        charge = self._charge(number)
        return read.payment(charge, self._receiver(charge))

    def _refund_of(self, charge: Mapping[str, Any], refund_no: str) -> RefundFact | None:
        for row in self._api.rows("/v1/refunds", charge=read.named(charge, "id")):
            if read.marks(row).get("number") == refund_no:
                return read.refund(row)
        return None

    def _receiver(self, told: Mapping[str, Any]) -> str:
        """Ours, unless it is play money where real money is expected, or the other way round."""
        return self.account if told.get("livemode") is self._api.is_live else f"{self.account}/other mode"

    def _no_payment(self, number: str, status: Status, amount: Decimal | None = None) -> PaymentFact:
        return PaymentFact(number, "", status, amount, read.CURRENCY.upper(), "", None, self.account)


def _key(number: str) -> str:
    return f"stripe:page:{number}"
