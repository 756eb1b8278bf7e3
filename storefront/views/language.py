"""The switch on every page: this browser's language, and for a signed-in person also the one of our messages."""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.services import languages


@csrf_exempt  # a token would make each page another one; a foreign site's form comes without the session (SameSite)
@require_POST
def switch(request: HttpRequest) -> HttpResponseBase:
    if request.user.is_authenticated:
        languages.choose(request.user, request.POST.get("language", ""))
    return set_language(request)
