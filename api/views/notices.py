"""The machines' door: providers' notices, and whether we are well."""

import logging

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from core import clock, faults
from core.services import inbox
from integrations import keypairs, registry
from integrations.errors import BadSignature
from notices.services import receipts

log = logging.getLogger(__name__)
LARGEST_NOTICE = 64 * 1024


@csrf_exempt
@require_POST
def payment_notice(request: HttpRequest, channel: str) -> HttpResponse:
    """Verify on the raw bytes, store, answer; a worker acts after (house.md, Providers)."""
    if channel not in settings.PROVIDERS["payments"]:
        raise Http404
    provider, at = registry.payments(channel), clock.now()
    body, headers = request.body, inbox.headers_of(request.META)
    if len(body) > LARGEST_NOTICE:
        return HttpResponse("too large", status=413)
    try:
        notice = provider.parse_notice(body, headers, at)
    except BadSignature as error:
        log.warning("a notice was refused: %r", error.detail[:100])
        return HttpResponse("bad signature", status=400)
    kept = {name: value for name, value in headers.items() if name in provider.signature_headers}
    inbox.store(channel, notice.notice_id, body, kept, topic="notice.stored", at=at)
    faults.point("notice.stored")
    return HttpResponse(provider.acknowledgement(), content_type="text/plain")


@csrf_exempt
@require_POST
def parcel_push(request: HttpRequest, provider: str) -> HttpResponse:
    """A carrier's word: verified on the raw form, stored, answered; a worker acts after."""
    if provider not in settings.PROVIDERS["logistics"]:
        raise Http404
    chosen, at, body = registry.logistics(provider), clock.now(), request.body
    if len(body) > LARGEST_NOTICE:
        return HttpResponse("too large", status=413)
    try:
        push = chosen.parse_push(body, inbox.headers_of(request.META), at)
    except BadSignature as error:
        log.warning("a push was refused: %r", error.detail[:100])
        return HttpResponse("bad signature", status=400)
    inbox.store(provider, push.notice_id, body, {}, topic="parcel.told", at=at)
    return HttpResponse(chosen.acknowledgement(), content_type="application/json")


@csrf_exempt
@require_POST
def sms_receipts(request: HttpRequest, provider: str, secret: str) -> HttpResponse:
    """What became of text messages. No vendor signs it: the secret in the address tells it from a stranger's words."""
    if provider not in settings.PROVIDERS["sms"] or not keypairs.is_secret(settings.SMS_RECEIPTS_KEY, secret):
        raise Http404
    chosen, body = registry.sms(provider), request.body
    if len(body) > LARGEST_NOTICE:
        return HttpResponse("too large", status=413)
    try:
        told = chosen.parse_receipts(body)
    except BadSignature as error:
        log.warning("receipts were refused: %r", error.detail[:100])
        return HttpResponse("no receipts", status=400)
    receipts.store(provider, body, told, clock.now())
    return HttpResponse(chosen.acknowledgement(), content_type="application/json")


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
