"""What a scorecard can be made of: each factor's name, reader and advice in words. The admin picks among them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.services import behaviour
from core import money
from credit.models import CreditReport, FactorBin
from credit.rules.facts import Facts, Record
from credit.rules.scorecards import Part, Rise
from credit.services import incomes

Words = str | Promise

DIMENSION_NAMES: dict[str, Words] = {each.value: each.label for each in FactorBin.Dimension}
YES, NO = _("yes"), _("no")


@dataclass(frozen=True, slots=True)
class Reader:
    """A factor that can be read. `rise` says what would raise it, from first or up to last; "": nobody can."""

    dimension: str
    name: Words
    read: Callable[[Facts], int | None]
    rise: Words = ""
    is_yes_no: bool = False
    is_money: bool = False


def _yuan(amount: Decimal | None) -> int | None:
    return None if amount is None else int(money.floor_fen(amount))


def _answer(known: bool | None) -> int | None:
    return None if known is None else int(known)


CATALOGUE: dict[str, Reader] = {
    "age": Reader("identity", _("Age in years"), lambda facts: facts.age),
    "months_verified": Reader(
        "identity",
        _("Months since the identity was proved"),
        lambda facts: facts.months_verified,
        _("%(first)s months after your identity check"),
    ),
    "owns_phone": Reader(
        "identity", _("The phone is registered to you"), lambda facts: _answer(facts.owns_phone), is_yes_no=True
    ),
    "months_here": Reader(
        "behaviour",
        _("Months since you joined"),
        lambda facts: facts.months_here,
        _("%(first)s months after you joined"),
    ),
    "addresses_added": Reader(
        "behaviour",
        _("Addresses added within 90 days"),
        lambda facts: facts.addresses_added,
        _("At most %(last)s new addresses within 90 days"),
    ),
    "orders_cancelled": Reader(
        "behaviour",
        _("Orders cancelled by you within a year"),
        lambda facts: facts.record.orders_cancelled,
        _("At most %(last)s cancelled orders within a year"),
    ),
    "codes_failed": Reader(
        "behaviour",
        _("Wrong codes entered within 90 days"),
        lambda facts: facts.codes_failed,
        _("At most %(last)s wrong codes within 90 days"),
    ),
    "income_monthly": Reader(
        "ability",
        _("Declared monthly income"),
        lambda facts: _yuan(facts.income_monthly),
        _("A declared monthly income from %(first)s yuan"),
        is_money=True,
    ),
    "income_documented": Reader(
        "ability",
        _("The income is documented"),
        lambda facts: int(facts.income_documented),
        _("A document of your income, seen by us"),
        is_yes_no=True,
    ),
    "phones_shared": Reader(
        "network", _("Phones shared with people in arrears"), lambda facts: facts.record.phones_shared
    ),
    "addresses_shared": Reader(
        "network", _("Addresses shared with people in arrears"), lambda facts: facts.record.addresses_shared
    ),
    "accounts_shared": Reader(
        "network", _("Alipay accounts shared with other customers"), lambda facts: facts.accounts_shared
    ),
    "devices_shared": Reader(
        "network", _("Devices shared with people in arrears"), lambda facts: facts.record.devices_shared
    ),
    "leases_kept": Reader(
        "history",
        _("Leases of six months completed without arrears"),
        lambda facts: facts.record.kept_leases,
        _("%(first)s such leases completed"),
    ),
    "bills_paid": Reader(
        "history", _("Bills paid"), lambda facts: facts.record.bills_paid, _("%(first)s bills paid in all")
    ),
    "bills_late": Reader("history", _("Bills paid after grace"), lambda facts: facts.record.bills_late),
    "days_overdue": Reader(
        "history",
        _("Days that the oldest open bill is past due"),
        lambda facts: facts.record.days_overdue,
        _("No bill past due"),
    ),
}


def known() -> dict[str, str]:
    """Dimension by code of everything that can be read."""
    return {code: reader.dimension for code, reader in CATALOGUE.items()}


def gather(customer: Customer, record: Record, at: datetime) -> Facts:
    """Everything that may be read of a customer, with what orders handed over."""
    account, income = behaviour.of(customer, at), incomes.standing(customer)
    return Facts(
        record=record,
        age=account.age,
        months_verified=account.months_verified,
        owns_phone=account.owns_phone,
        months_here=account.months_here,
        addresses_added=account.addresses_added,
        codes_failed=account.codes_failed,
        accounts_shared=_accounts_shared(customer),
        income_monthly=income.amount_monthly if income else None,
        income_documented=income is not None and income.documented_at is not None,
    )


def readings(facts: Facts) -> dict[str, int | None]:
    """Every factor's value."""
    return {code: reader.read(facts) for code, reader in CATALOGUE.items()}


def name(code: str) -> str:
    return str(CATALOGUE[code].name) if code in CATALOGUE else code


def shown(part: Part) -> str:
    """A value in words."""
    reader = CATALOGUE.get(part.factor)
    if part.value is None:
        return str(_("not known"))
    if reader and reader.is_yes_no:
        return str(YES if part.value else NO)
    return f"¥{part.value:,}" if reader and reader.is_money else str(part.value)


def advice(rise: Rise) -> str:
    """What would raise the score, in words; "" for what nobody can change."""
    reader = CATALOGUE.get(rise.factor)
    return str(reader.rise) % {"first": rise.first, "last": rise.last} if reader and reader.rise else ""


def _accounts_shared(customer: Customer) -> int:
    """How many other customers gave a score from an Alipay account that this one used too."""
    mine = CreditReport.objects.filter(customer=customer).exclude(provider_user="").values("provider_user")
    others = CreditReport.objects.filter(provider_user__in=mine).exclude(customer=customer)
    return others.values("customer").distinct().count()
