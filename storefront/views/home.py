"""The first page: the promise, one's own quota and next bill, what there is to rent."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from storefront.pages import home as home_page
from storefront.views import access, answer
from storefront.views.kept import for_strangers


@require_safe
@for_strangers
def home(request: HttpRequest) -> HttpResponse:
    shown = home_page.shown(access.of(request), clock.today())
    return answer.page(request, "home", _("Rent devices on credit"), shown=shown)
