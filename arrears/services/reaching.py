"""Ways to reach a customer that are shown outside of a collection case: a number or an address that a person reads.

Of whom we ask money, the number is given by the call of his case alone, which the guard decides, records and counts
(cases.dial); whoever is to be left in peace is reached by nobody. Nor is anybody else of his (domain.md §9).
"""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from arrears.models import CollectionCase
from arrears.services import cases
from billing.models import Lease
from core import calendar
from core.errors import DomainError
from notices.services import calls

State = CollectionCase.State


class OnlyByTheCase(DomainError):
    code = "only_by_the_case"
    message = _("He has a collection case: his number is given by the call of the case alone, which is counted.")


class NobodyElse(DomainError):
    code = "nobody_else"
    message = _("This customer is asked for money, or is to be left in peace: nobody else of his is reached meanwhile.")


def require_free(customer: Customer, at: datetime) -> None:
    """Before his number or address is shown. LeftInPeace, HardshipFirst, PauseGranted, PlanKept, MayNotCall,
    OnlyByTheCase."""
    on = calendar.business_date(at)
    if customer.user.in_peace_since is not None:
        raise calls.LeftInPeace
    may_be_asked = Q(state=Lease.State.LIVE) | Q(cases__state=State.OPEN)
    for lease_id in Lease.objects.filter(may_be_asked, customer=customer).values_list("pk", flat=True).distinct():
        cases.require_unrelieved(lease_id, on)
    now = calls.standing(customer.user_id, at)
    if now.refusal is not None:
        raise calls.MayNotCall(why=now.why)
    if open_case(customer) is not None:
        raise OnlyByTheCase


def require_nobody_asks(customer: Customer) -> None:
    """Before a person whom he named is read. NobodyElse."""
    if customer.user.in_peace_since is not None or open_case(customer) is not None:
        raise NobodyElse


def open_case(customer: Customer) -> CollectionCase | None:
    """The oldest."""
    return CollectionCase.objects.filter(customer=customer, state=State.OPEN).order_by("pk").first()
