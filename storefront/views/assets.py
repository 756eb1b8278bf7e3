"""What browsers keep: the style sheet as one file, and what makes the site an app on a phone."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from storefront import installable, styles

A_YEAR = 31_536_000


@require_safe
@gzip_page
def stylesheet(request: HttpRequest, version: str) -> HttpResponse:
    """Kept for ever by browsers when the address names this very content; an old address gets the new rules briefly."""
    sheet = styles.text()
    answer = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    current = version == styles.version(sheet)
    answer["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if current else "no-cache"
    return answer


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    answer = JsonResponse(installable.manifest(), content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a worker serves the folder it comes from; asked anew each time, so that it is never old."""
    answer = HttpResponse(installable.worker(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The one page that a phone keeps. The same for everybody, so in both languages."""
    return render(request, "offline.html")
