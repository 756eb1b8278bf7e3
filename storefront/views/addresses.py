"""My addresses: the list, a new one, one less."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import addresses as services
from core import clock
from core.errors import DomainError
from storefront.forms.placing import AddressForm
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only


@customer_only
@require_safe
def addresses(request: CustomerRequest) -> HttpResponse:
    """Masked, as the orders show them: nothing is unsealed for a list."""
    rows = list(services.listed(request.customer))
    return answer.page(request, "addresses", _("My addresses"), tab="me", back="/my/", narrow=True, rows=rows)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CustomerRequest) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add(request.customer, **form.cleaned_data, at=clock.now())
            return answer.go("addresses")
        except DomainError as error:
            form.refuse(error)
    return answer.page(
        request,
        "address_add",
        _("A new address"),
        status=422 if form.errors else 200,
        tab="me",
        back="/my/addresses/",
        narrow=True,
        form=form,
    )


@customer_only
@require_POST
def remove(request: CustomerRequest, address_id: int) -> HttpResponse:
    found = get_object_or_404(services.listed(request.customer), pk=address_id)
    services.remove(found, clock.now())
    answer.tell(request, _("The address is gone from your list. Orders that went there are not touched."))
    return answer.go("addresses")
