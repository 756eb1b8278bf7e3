"""What the customer says of the last telling moment of a rental: stars and a word, or nothing. Own orders only."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.calendar import business_date
from core.errors import DomainError
from orders.services import opinions
from storefront.forms.evidence import RatingForm
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def opinion(request: CustomerRequest, number: str) -> HttpResponse:
    """GET: the form for the newest moment. POST: it is said once; `no`: he would rather not, and is not asked again."""
    order, at = own(request, number), clock.now()
    moment = next(iter(opinions.waiting(order, business_date(at))), None)
    says_nothing = "no" in request.POST
    form = RatingForm(request.POST if request.method == "POST" and not says_nothing else None)
    if request.method == "POST" and (says_nothing or form.is_valid()):
        stars, words = (None, "") if says_nothing else (form.cleaned_data["stars"], form.cleaned_data["note"])
        try:
            opinions.give(order.pk, request.POST.get("moment", ""), stars, words, f"customer:{request.customer.pk}", at)
        except DomainError as error:
            answer.tell_refusal(request, error)
        else:
            answer.tell(request, _("Thank you. We do not ask about this again."))
        return answer.go("order", number)
    if moment is None:
        answer.tell(request, str(opinions.NothingToRate()), "wait")
        return answer.go("order", number)
    return answer.page(
        request, "opinion", moment.name, status=422 if form.errors else 200, tab="leases", narrow=True,
        back=f"/orders/{number}/", order=order, moment=moment, form=form,
    )  # fmt: skip
