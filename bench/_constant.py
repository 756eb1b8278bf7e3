"""The limit of `storefront`: our server, our middleware, and pages whose bytes lie ready (in BENCH_PAGES)."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PAGES = {each.stem: each.read_bytes() for each in Path(os.environ["BENCH_PAGES"]).glob("*.html")}


def page(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(PAGES[name])


urlpatterns = [path("<slug:name>/", page)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rental.settings")
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
