"""The machines' door: providers' notices, and whether we are well."""

import logging

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from core import clock
from core.services import inbox
from integrations import registry
from integrations.errors import BadSignature

log = logging.getLogger(__name__)
LARGEST_NOTICE = 64 * 1024


@csrf_exempt
@require_POST
def alipay_notice(request: HttpRequest) -> HttpResponse:
    """Verify on the raw bytes, store, answer; a worker acts after (house.md, Providers)."""
    provider = registry.payments("alipay")
    body = request.body
    if len(body) > LARGEST_NOTICE:
        return HttpResponse("too large", status=413)
    try:
        notice = provider.parse_notice(body, inbox.headers_of(request.META))
    except BadSignature as error:
        log.warning("a notice was refused: %r", error.detail[:100])
        return HttpResponse("bad signature", status=400)
    inbox.store("alipay", notice.notice_id, body, topic="notice.stored", at=clock.now())
    return HttpResponse(provider.acknowledgement(), content_type="text/plain")


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
