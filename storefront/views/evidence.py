"""The customer supplies what the review of his order asks for: a person, pictures of papers. Own orders only."""

from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Contact, Document
from accounts.services import contacts, papers
from accounts.services.contacts import Person
from core import clock
from core.errors import DomainError
from core.pictures import private_jpeg
from credit.models import Demand
from credit.services import demands
from orders.models import Order
from orders.services import answers
from storefront.forms.evidence import ContactForm, PictureForm
from storefront.pages import codes, evidence
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own

LOOKED_AT = (Contact.State.GIVEN, Contact.State.APPROVED)  # before that another one may be named
WORDING: dict[str, str | Promise] = {
    Demand.Kind.CONTACT: gettext_lazy(
        "I may name this person. Name and number serve this review only and are deleted after it; nobody is ever"
        " called about money."
    ),
    Demand.Kind.GUARANTOR: gettext_lazy(
        "I may name this person, who decides himself on his own page. Nobody is ever called about money."
    ),
}
TITLES: dict[str, str | Promise] = {
    Demand.Kind.CONTACT: gettext_lazy("Emergency contact"),
    Demand.Kind.GUARANTOR: gettext_lazy("Guarantor"),
}


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: CustomerRequest, number: str) -> HttpResponse:
    return _person(request, number, Demand.Kind.CONTACT)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def guarantor(request: CustomerRequest, number: str) -> HttpResponse:
    return _person(request, number, Demand.Kind.GUARANTOR)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: CustomerRequest, number: str) -> HttpResponse:
    """Each wanted paper with its pictures; one more is uploaded under `kind`."""
    order = own(request, number)
    demand = _demand(order, Demand.Kind.DOCUMENTS)
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = PictureForm(request.POST, request.FILES)
        if form.is_valid() and _keep(request, order, form):
            answer.tell(request, _("The picture is here. Only those who review your order see it."))
            return answer.go("order_documents", number)
    return answer.page(
        request, "documents", _("Papers"), status=422 if form.errors else 200, tab="leases",
        back=f"/orders/{number}/", narrow=True, order=order, demand=demand, form=form,
        kind=request.POST.get("kind", ""), wanted=evidence.wanted(demand, papers.of_order(number)),
    )  # fmt: skip


@customer_only
@require_POST
def document_back(request: CustomerRequest, number: str, document_id: int) -> HttpResponse:
    """Take a picture back before anybody looked at it."""
    found = _document(request, number, document_id)
    try:
        papers.take_back(found.pk, _actor(request), clock.now())
        answer.tell(request, _("The picture is deleted."))
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("order_documents", number)


@customer_only
@require_safe
def document(request: CustomerRequest, number: str, document_id: int) -> HttpResponse:
    """His own picture; the name is ours, and no cache keeps it."""
    found = _document(request, number, document_id)
    try:
        content = papers.content(found.pk, _actor(request), "own look", clock.now())
    except DomainError as error:
        raise Http404 from error
    return private_jpeg(content, f"{number}-{found.pk}")


def _person(request: CustomerRequest, number: str, kind: Demand.Kind) -> HttpResponse:
    order = own(request, number)
    demand = _demand(order, kind)
    named = contacts.of_order(number).filter(kind=answers.KINDS[kind]).first()
    form = ContactForm(request.POST if request.method == "POST" else None, who_agrees=WORDING[kind])
    if request.method == "POST" and form.is_valid() and _name(order, kind, form):
        return answer.go(f"order_{kind.lower()}", number)
    address = evidence.guarantee_address(named) if named and named.state == Contact.State.NAMED else ""
    return answer.page(
        request, "contact", TITLES[kind], status=422 if form.errors else 200, tab="leases", back=f"/orders/{number}/",
        narrow=True, order=order, demand=demand, named=named, form=form, kind=kind, address=address,
        code=codes.drawn(address) if address else None,
        may_name=demand.state == Demand.State.OPEN and (named is None or named.state not in LOOKED_AT),
    )  # fmt: skip


def _name(order: Order, kind: str, form: ContactForm) -> bool:
    good = form.cleaned_data
    try:
        answers.name_contact(order.pk, kind, Person(good["name"], good["phone"], good["relation"]), clock.now())
    except DomainError as error:
        form.refuse(error)
        return False
    return True


def _keep(request: CustomerRequest, order: Order, form: PictureForm) -> bool:
    try:
        answers.add_document(order.pk, request.POST.get("kind", ""), form.cleaned_data["picture"], clock.now())
    except DomainError as error:
        form.add_error("picture" if error.code.startswith("image_") else None, str(error))
        return False
    return True


def _demand(order: Order, kind: str) -> Demand:
    """The last demand of this kind; a page that nobody asked for does not exist."""
    found = demands.of_order(order.number).filter(kind=kind).last()
    if found is None:
        raise Http404
    return found


def _document(request: CustomerRequest, number: str, document_id: int) -> Document:
    order = own(request, number)
    found = papers.of_order(order.number).filter(pk=document_id, customer=request.customer).first()
    if found is None:
        raise Http404
    return found


def _actor(request: CustomerRequest) -> str:
    return f"customer:{request.customer.pk}"
