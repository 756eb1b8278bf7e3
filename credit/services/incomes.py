"""What customers declare to earn: one declaration stands, documented by an operator who saw a paper."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.services import consents
from core import money
from core.errors import DomainError
from core.services import events
from credit.models import IncomeDeclaration

PURPOSE, VERSION = "income", "1"
LARGEST = Decimal(1_000_000)


class IncomeInvalid(DomainError):
    code = "income_invalid"
    message = _("Please enter a monthly income in yuan, at most 1,000,000.")


class IncomeGone(DomainError):
    code = "income_gone"
    message = _("This declaration no longer stands.")


def declare(customer: Customer, amount_monthly: Decimal, at: datetime) -> IncomeDeclaration:
    """A new declaration in place of the one before, with the consent to use it. IncomeInvalid. Locks the customer."""
    try:
        amount = money.exact(amount_monthly)
    except ValueError as error:
        raise IncomeInvalid from error
    if not 0 < amount <= LARGEST:
        raise IncomeInvalid
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        _end(customer, at)
        consents.give(customer, PURPOSE, VERSION, at)
        made = IncomeDeclaration.objects.create(customer=customer, amount_monthly=amount, declared_at=at)
        events.record("income_declared", made, at=at, actor=f"customer:{customer.pk}")
    return made


def document(customer: Customer, declaration_id: int, actor: str, at: datetime) -> IncomeDeclaration:
    """An operator saw a paper of it. IncomeGone when another stands now."""
    with transaction.atomic():
        standing = IncomeDeclaration.objects.select_for_update().filter(customer=customer, ended_at=None)
        row = standing.filter(pk=declaration_id).first()
        if row is None:
            raise IncomeGone
        if row.documented_at is None:
            row.documented_at, row.documented_by = at, actor
            row.save(update_fields=["documented_at", "documented_by"])
            events.record("income_documented", row, at=at, actor=actor)
    return row


def withdraw(customer: Customer, at: datetime) -> bool:
    """Take the declaration and its consent back; the next decision knows no income."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        consents.withdraw(customer, PURPOSE, at)
        return _end(customer, at)


def standing(customer: Customer) -> IncomeDeclaration | None:
    return IncomeDeclaration.objects.filter(customer=customer, ended_at=None).first()


def _end(customer: Customer, at: datetime) -> bool:
    for row in IncomeDeclaration.objects.select_for_update().filter(customer=customer, ended_at=None):
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        return True
    return False
