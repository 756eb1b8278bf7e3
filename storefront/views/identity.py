"""Proving who one is: form, waiting, answer."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import IdentityVerification
from accounts.services import identity as verifications
from core import clock
from core.errors import DomainError
from storefront.forms.identity import CONSENT_VERSION, IdentityForm
from storefront.views import answer, chosen
from storefront.views.access import CustomerRequest, customer_only

State = IdentityVerification.State
ASK_AGAIN_S = 3


@customer_only
@require_http_methods(["GET", "POST"])
def identity(request: CustomerRequest) -> HttpResponse:
    form = IdentityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _ask(request, form):
        return answer.go("identity")
    latest = verifications.latest(request.customer)
    waits = latest is not None and latest.state == State.PENDING
    return answer.page(
        request,
        "identity",
        _("Prove your identity"),
        status=422 if form.errors else 200,
        tab="me",
        back="/my/",
        narrow=True,
        refresh=ASK_AGAIN_S if waits and not form.errors else None,
        form=form,
        latest=latest,
        way_back=chosen.way_back(request),
        condition=latest.state if latest else "",
        reason=verifications.explain(latest) if latest and latest.state == State.REFUSED else "",
    )


def _ask(request: CustomerRequest, form: IdentityForm) -> bool:
    good = form.cleaned_data
    try:
        verifications.request(
            request.customer, good["name"], good["id_number"], consent_version=CONSENT_VERSION, at=clock.now()
        )
    except (verifications.AlreadyVerified, verifications.VerificationPending):
        return True  # the page says how it stands
    except DomainError as error:
        form.refuse(error)
        return False
    return True
