"""What a customer's own account tells, as plain values for credit: no address books, no contacts (domain.md §4)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import Address, Customer, IdentityVerification, OneTimeCode, User
from accounts.rules import id_numbers
from accounts.services import browser_marks, identity
from core.calendar import business_date, whole_months
from core.services import events

RECENTLY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Account:
    """`age`, `months_verified`, `owns_phone`: None before the identity is proved. Counts are of the last 90 days."""

    age: int | None
    months_verified: int | None
    owns_phone: bool | None
    months_here: int
    addresses_added: int
    codes_failed: int


@dataclass(frozen=True, slots=True)
class Shared:
    """Other customers who gave the same phone or the same address, or signed in at the same browser."""

    by_phone: frozenset[int]
    by_address: frozenset[int]
    by_browser: frozenset[int]

    @property
    def customers(self) -> frozenset[int]:
        return self.by_phone | self.by_address | self.by_browser


def of(customer: Customer, at: datetime) -> Account:
    """As it stands at `at`. Opening the birthday is an event."""
    on, user, proof = business_date(at), customer.user, identity.verified(customer)
    proved_at = proof.answered_at if proof else None
    return Account(
        age=_age(proof.birthday.open(by=events.PLATFORM, purpose="credit decision", at=at), on) if proof else None,
        months_verified=whole_months(business_date(proved_at), on) if proved_at else None,
        owns_phone=True if proof else None,  # who is verified owns the phone: the check asks for both
        months_here=whole_months(business_date(user.joined_at), on) if user.joined_at else 0,
        addresses_added=Address.objects.filter(customer=customer, added_at__gt=at - RECENTLY).count(),
        codes_failed=_codes_failed(user, at),
    )


def sharing(customer: Customer, at: datetime) -> Shared:
    """Who else gave a phone or an address of this customer, or signed in where he did, by blind indexes alone.

    What was given by `at`, so that any past day gives the same answer again. One query.
    """
    given = Address.objects.filter(added_at__lte=at)
    own, others = given.filter(customer=customer), given.exclude(customer=customer)
    given_phones, own_phone = own.exclude(phone_index=None).values("phone_index"), customer.user.phone_index or ""
    places = own.exclude(place_index=None).values("place_index")
    phones = Q(phone_index__in=given_phones) | Q(phone_index=own_phone)
    owners = Customer.objects.filter(Q(user__phone_index__in=given_phones) | Q(user__phone_index=own_phone))
    found = _named("phone", others.filter(phones), "customer_id").union(
        _named("phone", owners.exclude(pk=customer.pk), "id"),
        _named("address", others.filter(place_index__in=places), "customer_id"),
        _named("browser", browser_marks.sharing(customer, at), "customer_id"),
    )
    by: dict[str, set[int]] = {"phone": set(), "address": set(), "browser": set()}
    for how, pk in found:
        by[how].add(pk)
    return Shared(frozenset(by["phone"]), frozenset(by["address"]), frozenset(by["browser"]))


def indexes(customer: Customer) -> tuple[str, str]:
    """Blind indexes of the ID number and the phone, "" for what was never proved or given."""
    proof = identity.verified(customer)
    return (proof.id_index if proof else "", customer.user.phone_index or "")


def proved(customer: Customer) -> "QuerySet[IdentityVerification, str | None]":
    """The blind index of the proved ID number, for a query of the caller's."""
    return identity.proofs(customer).exclude(id_index="").values_list("id_index", flat=True)


def _named(how: str, rows: "QuerySet[Any]", column: str) -> "QuerySet[Any, tuple[str, int]]":
    """Pairs for a UNION: how it is shared, with whom."""
    pairs: QuerySet[Any, tuple[str, int]] = rows.order_by().annotate(how=Value(how)).values_list("how", column)
    return pairs


def _age(birthday: str, on: date) -> int:
    born = date.fromisoformat(birthday)
    return id_numbers.IdNumber("", born, woman=False).age(on)


def _codes_failed(user: User, at: datetime) -> int:
    """Every try of a code that was not the right one."""
    mine = OneTimeCode.objects.filter(phone_index=user.phone_index or "", sent_at__gt=at - RECENTLY)
    counted = mine.aggregate(tries=Coalesce(Sum("attempts"), 0), right=Count("used_at"))
    return max(0, int(counted["tries"]) - int(counted["right"]))
