"""The providers at the desk: how each stood during the last day, and a button that asks one now."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.providers import show
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from integrations import health


@require_safe
@operators_only
def providers(request: OperatorRequest) -> HttpResponse:
    """Reads what is remembered; nobody is called for it."""
    rows = [show(known) for known in health.known()]
    is_shared = bool(settings.REDIS_URL)
    return page(request, "providers", _("Providers"), section="providers", rows=rows, is_shared=is_shared)


@require_POST
@operators_only
def ask(request: OperatorRequest, capability: str, name: str) -> HttpResponse:
    """Ask one provider now, for three seconds at most."""
    try:
        made = health.ask(capability, name)
    except ImproperlyConfigured as error:
        raise Http404 from error
    if made.is_well:
        tell(request, _("%(name)s answered after %(took)s ms.") % {"name": name, "took": made.took_ms})
    else:
        tell(request, _("%(name)s did not answer well: %(trouble)s") % {"name": name, "trouble": made.trouble}, "late")
    return HttpResponseRedirect(reverse("desk:providers") + f"#{capability}-{name}", status=303)
