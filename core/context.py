"""What every page may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core import clock


def site(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO, "sandbox_url": settings.SANDBOX_URL, "today": clock.today}
