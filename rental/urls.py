"""Every door's addresses."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

FACES = {"portal/": "portal.urls", "desk/": "desk.urls", "api/": "api.urls"}

urlpatterns = [
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set_language"),
    *(path(prefix, include(module)) for prefix, module in FACES.items() if find_spec(module)),
    path("", include("storefront.urls")),
]
