"""Who exists out there, and what the registers and Zhima say about them."""

import secrets

from django.db import IntegrityError, transaction

from core import seals
from sandbox import magic
from sandbox.magic import Quirk
from sandbox.models import AlipayAccount, Person


def know(name: str, id_number: str, phone: str = "", score: int | None = None) -> Person:
    """The person with this number, made on first sight; a phone and a score that are given stand from now on."""
    quirk = magic.quirk(id_number)
    natural = None if quirk is Quirk.NO_SCORE else magic.score(id_number)
    person, _ = Person.objects.get_or_create(
        id_index=_index(id_number), defaults={"name": name, "phone": phone, "score": natural, "quirk": quirk}
    )
    if phone:
        person.phone = phone
    if score is not None:
        person.score = score
    person.save(update_fields=["phone", "score"])
    return person


def pin_score(id_number: str, score: int | None) -> None:
    """Fix the Zhima score of someone known; None is N/A."""
    if not Person.objects.filter(id_index=_index(id_number)).update(score=score):
        raise ValueError("the sandbox does not know this number")


def account(phone: str) -> AlipayAccount:
    """The Alipay account of a phone; everybody has one."""
    found = AlipayAccount.objects.filter(phone=phone).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return AlipayAccount.objects.create(phone=phone, user_id=f"2088{secrets.randbelow(10**12):012d}")
    except IntegrityError:
        return AlipayAccount.objects.get(phone=phone)


def owner(account: AlipayAccount) -> Person | None:
    """Whose account it is, as far as an identity check has told; the latest when a phone changed hands."""
    return Person.objects.filter(phone=account.phone).order_by("-pk").first()


def _index(id_number: str) -> str:
    return seals.blind_index("sandbox.id_number", id_number)
