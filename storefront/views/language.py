"""The switch on every page: this browser's language, and for a signed-in person also the one of our messages."""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.services import languages


@require_POST
def switch(request: HttpRequest) -> HttpResponseBase:
    if request.user.is_authenticated:
        languages.choose(request.user, request.POST.get("language", ""))
    return set_language(request)
