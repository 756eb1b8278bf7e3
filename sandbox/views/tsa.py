"""POST /tsa/ (RFC 3161 over HTTP) and the certificate behind it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from core import clock
from sandbox import keys
from sandbox.models import FaultOrder
from sandbox.services import faults, timestamps


@require_POST
def stamp(request: HttpRequest) -> HttpResponse:
    if request.content_type != "application/timestamp-query":
        return HttpResponse("application/timestamp-query is wanted", status=415)
    fault = faults.take("tsa")
    if fault is not None:
        return HttpResponse("down", status=503 if fault.kind == FaultOrder.Kind.DOWN else 500)
    try:
        answer = timestamps.answer(request.body, clock.now())
    except ValueError:
        return HttpResponse("not a TimeStampReq", status=400)
    return HttpResponse(answer, content_type="application/timestamp-reply")


@require_GET
def certificate(request: HttpRequest) -> HttpResponse:
    return HttpResponse(keys.tsa_certificate(), content_type="application/x-pem-file")
