"""What a step of an order asks of whoever takes it; `orders/actions/` says which step takes which form."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Document
from billing.models import Reduction
from catalog.models import ConditionGrade
from credit.models import Demand
from orders.models import ActivationReport
from orders.services import losses, shipping
from visits.models import VisitPaper


class NoForm(forms.Form):
    """A plain confirmation."""


class ShownForm(forms.Form):
    """A yes to the figures on the page; their code comes back, and other figures are refused."""

    shown = forms.CharField(max_length=200, widget=forms.HiddenInput)


class GoneForm(forms.Form):
    """A device that is lost or stolen."""

    how = forms.ChoiceField(
        label=_("What happened?"), choices=[(losses.LOST, _("It is lost")), (losses.STOLEN, _("It was stolen"))]
    )
    story = forms.CharField(
        label=_("When and where?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    police = forms.CharField(
        label=_("Number of the police report"), help_text=_("Needed after a theft."), max_length=60, required=False
    )


class ReportGoneForm(GoneForm, ShownForm):
    """The customer's own report, at the figures on the page."""


class ReasonForm(forms.Form):
    """Why; kept in the order's log."""

    reason = forms.CharField(label=_("Reason"), max_length=60)


class AskForm(forms.Form):
    """What whom rules refused wants a person to know; may be left empty."""

    text = forms.CharField(
        label=_("What should the person know?"), help_text=_("You may leave it empty."), max_length=400, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class AnswerForm(forms.Form):
    """A person's answer to whom rules refused."""

    answer = forms.CharField(
        label=_("Answer and grounds, which the customer reads"), min_length=4, max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class FaultForm(forms.Form):
    """A fault of a device on lease."""

    words = forms.CharField(
        label=_("What is wrong?"), min_length=4, max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )


class AnswerFaultForm(forms.Form):
    """Why a fault is not mended."""

    answer = forms.CharField(label=_("Reason, which the customer reads"), min_length=4, max_length=200)


class WaybillForm(forms.Form):
    """Carrier and waybill of a parcel that is sent back."""

    carrier = forms.ChoiceField(label=_("Carrier"), choices=lambda: list(shipping.CARRIERS.items()))
    waybill = forms.CharField(label=_("Waybill number"), max_length=40)


POINTS = (
    ("packaging", _("The packaging is intact")),
    ("serial", _("The serial number is the one in the agreement")),
    ("power", _("It switches on")),
    ("account", _("No account lock: it asks for nobody's account")),
    ("grade", _("It looks as its condition grade says")),
)
DEFECTS = (
    ("packaging", _("The packaging is damaged")),
    ("serial", _("The serial number is another one")),
    ("power", _("It does not switch on")),
    ("account", _("It is locked to somebody's account")),
    ("grade", _("It looks worse than its condition grade")),
)


class ReceiptForm(forms.Form):
    """What the customer looked at before he confirms; nothing has to be ticked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in POINTS:
            self.fields[name] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        """`seen`: the points that are ticked."""
        return {"seen": [name for name, _label in POINTS if self.cleaned_data.get(name)]}


class DefectForm(forms.Form):
    """What is not as agreed: points, words, or both."""

    field_order = ("words",)
    words = forms.CharField(
        label=_("What is wrong, in your words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in DEFECTS:
            self.fields[name] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        good = self.cleaned_data
        return {"words": good.get("words", ""), "points": [name for name, _label in DEFECTS if good.get(name)]}


class BrokenForm(DefectForm, ShownForm):
    """What is wrong with a short rental's device, and a yes to what comes back."""

    def clean(self) -> dict[str, Any]:
        return super().clean() | {"shown": self.cleaned_data.get("shown")}


class ShippingForm(WaybillForm):
    """Unit, carrier and waybill of a parcel that goes out."""

    code = forms.CharField(label=_("Serial number or IMEI of the unit"), max_length=40)
    field_order = ("code", "carrier", "waybill")


class BackForm(WaybillForm):
    """The parcel that brings a device back from its repair, or another one for it."""

    code = forms.CharField(
        label=_("Serial number or IMEI of the other unit"), help_text=_("only of an exchange"), max_length=40,
        required=False,
    )  # fmt: skip
    field_order = ("code", "carrier", "waybill")


class ReceivedForm(forms.Form):
    """Money that came by bank transfer or in cash."""

    bills = forms.RegexField(
        r"^[1-9][0-9]{0,3}([ ,，、]+[1-9][0-9]{0,3})*$",
        label=_("Numbers of the bills"),
        help_text=_("one or several, as in 3, 4; the oldest first, what is too much is the customer's credit"),
        max_length=60,
        strip=True,
    )
    amount = forms.DecimalField(label=_("Amount received"), min_value=Decimal("0.01"), max_digits=9, decimal_places=2)
    received_at = forms.DateTimeField(
        label=_("Received at"),
        help_text=_("late fees are counted to this day"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reference = forms.CharField(
        label=_("Reference"), help_text=_("the bank's number or that of the cash receipt"), max_length=64
    )
    note = forms.CharField(label=_("What proves it"), max_length=200)

    def clean_bills(self) -> list[int]:
        return [int(number) for number in re.split(r"[ ,，、]+", self.cleaned_data["bills"])]


class ReductionForm(forms.Form):
    """What is taken off one bill, and why."""

    bill = forms.IntegerField(label=_("Number of the bill"), min_value=1, max_value=999)
    part = forms.ChoiceField(label=_("Taken off"), choices=Reduction.Of.choices)
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=9, decimal_places=2)
    reason = forms.CharField(label=_("Reason, which the customer reads"), min_length=4, max_length=60)


class DeductionForm(forms.Form):
    """How much of the deposit is kept for open bills, and why."""

    at_most = forms.DecimalField(
        label=_("At most"),
        help_text=_("empty: all that is owed when it is carried out"),
        min_value=Decimal("0.01"),
        max_digits=9,
        decimal_places=2,
        required=False,
    )
    reason = forms.CharField(label=_("Reason, which the customer reads"), min_length=4, max_length=60)


class InspectionForm(forms.Form):
    """What the merchant looked at; a damage claim has a page of its own."""

    serial_matches = forms.BooleanField(label=_("The serial number is the one that was shipped"))
    wiped = forms.BooleanField(label=_("The device is wiped and its account lock is off"))
    condition = forms.ChoiceField(
        label=_("Condition now"), choices=[("", "–"), *ConditionGrade.choices], required=False
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ActivationForm(forms.Form):
    """What the merchant found out about the device, and where."""

    activated = forms.TypedChoiceField(
        label=_("What is known of the device"),
        choices=[("yes", _("It was switched on and set up")), ("no", _("It was never switched on"))],
        coerce=lambda told: told == "yes",
    )
    source = forms.ChoiceField(label=_("Where it was looked up"), choices=ActivationReport.Source.choices)


class DemandForm(forms.Form):
    """What is asked of the customer before the order goes on; the papers that go with documents or with a visit."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=Demand.Kind.choices)
    grounds = forms.CharField(label=_("Grounds"), help_text=_("They stay on record."), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, code, word in self._papers():
            at_visit = kind == Demand.Kind.VISIT
            label = _("seen at the visit: %(paper)s") if at_visit else _("as a picture: %(paper)s")
            self.fields[f"{kind}_{code}"] = forms.BooleanField(label=label % {"paper": word}, required=False)

    def clean(self) -> dict[str, Any]:
        """`wanted`: the papers of the kind that is asked for."""
        good = self.cleaned_data
        wanted = [code for kind, code, _word in self._papers() if kind == good.get("kind") and good[f"{kind}_{code}"]]
        return {"kind": good.get("kind"), "grounds": good.get("grounds"), "wanted": wanted}

    def _papers(self) -> list[tuple[str, str, str | Promise]]:
        pictures = [(Demand.Kind.DOCUMENTS.value, code, word) for code, word in Document.Kind.choices]
        shown = [(Demand.Kind.VISIT.value, code, word) for code, word in VisitPaper.Code.choices if code != "ID_CARD"]
        return [*pictures, *shown]


class WaiveForm(forms.Form):
    """Which demand is done without, and why."""

    kind = forms.ChoiceField(label=_("What is done without"), choices=Demand.Kind.choices)
    grounds = forms.CharField(label=_("Grounds"), help_text=_("They stay on record."), max_length=200)
