"""Where a payer complains at the pretended WeChat Pay, and where its platform decides; both on one page here."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import clock, money
from sandbox.models import Complaint, WechatOrder
from sandbox.services import complaints, wechat
from sandbox.views.pages import page


@require_GET
def paid(request: HttpRequest) -> HttpResponse:
    """What an account paid, and how its complaints stand."""
    wanted = request.GET.get("phone", "").strip()
    rows = [_shown(order) for order in complaints.paid_by(wanted)]
    return page(request, "complaints", rows=rows, wanted=wanted)


@require_POST
def make(request: HttpRequest, prepay_id: str) -> HttpResponse:
    order = WechatOrder.objects.select_related("account").filter(prepay_id=prepay_id, account__isnull=False).first()
    if order is None:
        raise Http404
    complaints.make(prepay_id, request.POST.get("words", "").strip(), clock.now())
    return _back(order)


@require_POST
def decide(request: HttpRequest, complaint_id: str) -> HttpResponse:
    """As the platform: `back` gives the money back, anything else leaves it."""
    found = Complaint.objects.select_related("order__account").filter(complaint_id=complaint_id).first()
    if found is None:
        raise Http404
    complaints.decide(complaint_id, request.POST.get("answer") == "back", clock.now())
    return _back(found.order)


def _shown(order: WechatOrder) -> dict[str, object]:
    rest = order.total - wechat.refunded(order)
    made = list(order.complaints.order_by("-pk"))
    waits = any(one.state == Complaint.State.PENDING for one in made)
    return {
        "order": order,
        "amount": money.from_cents(order.total),
        "complaints": [{"row": one, "amount": money.from_cents(one.amount)} for one in made],
        "can_complain": rest > 0 and not waits,
    }


def _back(order: WechatOrder) -> HttpResponse:
    phone = order.account.phone if order.account else ""
    return HttpResponseRedirect(f"{reverse('complaints')}?phone={phone}")
