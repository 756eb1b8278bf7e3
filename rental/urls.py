"""Every door's addresses."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from rental.second_factor import view as second_factor
from rental.styleguide import view as styleguide
from storefront.views import language

FACES = {"portal/": "portal.urls", "desk/": "desk.urls", "api/": "api.urls"}

urlpatterns = [
    path("admin/", admin.site.urls),
    path("language/", language.switch, name="set_language"),
    path("second-factor/", second_factor.ask, name="second_factor"),
    path("second-factor/connect/", second_factor.connect, name="second_factor_connect"),
    path("styleguide/", styleguide.guide, name="styleguide"),
    *(path(prefix, include(module)) for prefix, module in FACES.items() if find_spec(module)),
    path("", include("storefront.urls")),
]
