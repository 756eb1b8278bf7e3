"""Reviewing what a customer supplied: a contact opened once for a purpose, papers side by side."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Contact, Document
from accounts.services import papers
from core import clock
from core.errors import DomainError
from core.pictures import private_jpeg
from desk.forms import VerdictForm
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders.models import Order
from orders.services import answers


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def contact(request: OperatorRequest, pk: int) -> HttpResponse:
    """One contact, masked, and the verdict on it."""
    found = get_object_or_404(Contact.objects.select_related("customer"), pk=pk)
    form = VerdictForm(request.POST if request.method == "POST" else None, yes="approve")
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        try:
            answers.review_contact(pk, good["verdict"], good["grounds"], _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, found.order_number)
    return _contact_page(request, found, form)


@require_POST
@operators_only
def contact_open(request: OperatorRequest, pk: int) -> HttpResponse:
    """Name and phone on this one answer; who read them and for which order is on record."""
    found = get_object_or_404(Contact.objects.select_related("customer"), pk=pk)
    try:
        person = answers.read_contact(pk, _actor(request), clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(reverse("desk:contact", args=[pk]), status=303)
    return _contact_page(request, found, VerdictForm(yes="approve"), person=person)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def documents(request: OperatorRequest, number: str) -> HttpResponse:
    """The pictures of one order side by side; a verdict on one of them."""
    order = get_object_or_404(Order.objects.select_related("customer"), number=number)
    rows = list(papers.of_order(number).exclude(state=Document.State.LAPSED))
    if not rows:
        raise Http404
    form = VerdictForm(request.POST if request.method == "POST" else None, yes="accept")
    judged = next((row for row in rows if str(row.pk) == request.POST.get("document")), None)
    if request.method == "POST" and judged and form.is_valid():
        good = form.cleaned_data
        try:
            answers.review_document(judged.pk, good["verdict"], good["grounds"], _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Recorded."))
            return HttpResponseRedirect(reverse("desk:documents", args=[number]), status=303)
    shown = [(row, form if row is judged else VerdictForm(yes="accept", prefix=None)) for row in rows]
    return page(
        request, "documents", _("Papers"), section="orders", status=422 if form.errors else 200, order=order,
        shown=shown,
    )  # fmt: skip


@require_safe
@operators_only
def document(request: OperatorRequest, pk: int) -> HttpResponse:
    """One picture: the reading is recorded, no cache keeps it, the name is ours."""
    found = get_object_or_404(Document.objects.defer("sealed"), pk=pk)
    try:
        content = papers.content(pk, _actor(request), f"review of {found.order_number}", clock.now())
    except DomainError as error:
        raise Http404 from error
    return private_jpeg(content, f"{found.order_number}-{pk}")


def _contact_page(request: OperatorRequest, found: Contact, form: VerdictForm, **shown: object) -> HttpResponse:
    may_read = found.state == Contact.State.GIVEN
    return page(
        request, "contact", found.get_kind_display(), section="orders", status=422 if form.errors else 200,
        contact=found, form=form, may_read=may_read, **shown,
    )  # fmt: skip


def _done(request: OperatorRequest, number: str) -> HttpResponse:
    tell(request, _("Recorded."))
    return HttpResponseRedirect(reverse("desk:order", args=[number]), status=303)


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
