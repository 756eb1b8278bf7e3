"""The style sheet as one file."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from storefront import styles

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
