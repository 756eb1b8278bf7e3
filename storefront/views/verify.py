"""Is this paper genuine? For anybody who holds the file; nothing of it is kept, and no account is asked for (E5)."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from contracts.services import agreements
from core import clock, counts
from storefront.forms.verify import PaperForm
from storefront.views import answer

SAYS = {
    "GENUINE": gettext_lazy("Genuine and unchanged"),
    "NOT_A_PDF": gettext_lazy("This is no PDF"),
    "TOO_LARGE": gettext_lazy("This file is larger than any paper of ours"),
    "UNREADABLE": gettext_lazy("This file cannot be read as one of our papers"),
    "UNSIGNED": gettext_lazy("There is no signature in this file"),
    "INCOMPLETE": gettext_lazy("Only one of two has signed so far"),
    "NOT_OURS": gettext_lazy("Signed, but not as our papers are"),
    "CHANGED": gettext_lazy("Changed after it was signed"),
    "APPENDED": gettext_lazy("Something was added after the signatures"),
    "UNTRUSTED": gettext_lazy("A signature's certificate cannot be trusted"),
}
MOST, EACH_S = 20, 600  # a check takes a tenth of a second of a worker
TOO_OFTEN = gettext_lazy("Many files were checked from here. Please go on in ten minutes.")
ROLES = {"customer": gettext_lazy("Lessee"), "lessor": gettext_lazy("Lessor")}


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: what the file is, and who signed it when; so many a stretch from one address."""
    sent = request.method == "POST"
    form = PaperForm(request.POST if sent else None, request.FILES if sent else None)
    too_often = sent and not counts.allows(
        "verify", request.META.get("REMOTE_ADDR", ""), clock.machine(), most=MOST, seconds=EACH_S
    )
    if too_often:
        form.add_error(None, TOO_OFTEN)
    report = agreements.examine(form.cleaned_data["paper"], clock.now()) if sent and form.is_valid() else None
    status = 429 if too_often else 422 if form.errors else 200
    return answer.page(
        request, "verify", _("Check a paper"), status=status, narrow=True, back="/", form=form,
        report=report, says=SAYS[report.reason] if report else "",
        signers=[(ROLES.get(each.role, _("Time stamp")), each) for each in report.signatures] if report else [],
    )  # fmt: skip
