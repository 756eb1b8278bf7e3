"""The consent ledger, and addresses."""

from datetime import timedelta

import pytest

from accounts.models import Address, Consent
from accounts.services import addresses, codes, consents
from core.services import events
from tests.trust import AT, signed_up

pytestmark = pytest.mark.django_db


def test_a_consent_to_one_wording_stands_once() -> None:
    customer = signed_up()
    first = consents.give(customer, "identity", "1", AT)
    assert consents.give(customer, "identity", "1", AT + timedelta(days=1)) == first
    assert consents.give(customer, "identity", "2", AT) != first
    assert consents.stands(customer, "identity")
    assert not consents.stands(customer, "credit:zhima")


def test_a_withdrawn_consent_stays_in_the_ledger_with_its_time() -> None:
    customer = signed_up()
    consent = consents.give(customer, "credit:zhima", "1", AT)
    assert consents.withdraw(customer, "credit:zhima", AT + timedelta(days=1)) == 1
    assert consents.withdraw(customer, "credit:zhima", AT + timedelta(days=2)) == 0
    assert not consents.stands(customer, "credit:zhima")
    assert Consent.objects.get(pk=consent.pk).withdrawn_at == AT + timedelta(days=1)
    assert events.of(consent).get().kind == "consent_withdrawn"


def test_it_may_be_given_again_after_that() -> None:
    customer = signed_up()
    consents.give(customer, "identity", "1", AT)
    consents.withdraw(customer, "identity", AT)
    consents.give(customer, "identity", "1", AT)
    assert Consent.objects.count() == 2


def test_a_new_address_leaves_the_old_one_as_it_was() -> None:
    customer = signed_up()
    first = addresses.add(customer, " 林  晓\n", "+86 13900000009", "北京市 东城区", "东四十条 22 号", AT)
    second = addresses.add(customer, "林晓", "13900000009", "北京市 东城区", "朝阳门内大街 8 号", AT)
    assert addresses.latest(customer) == second
    kept = addresses.of(customer, first.pk)
    assert kept.consignee.open(by="x", purpose="y", at=AT) == "林 晓"
    assert kept.phone.open(by="x", purpose="y", at=AT) == "13900000009"


def test_another_persons_address_is_not_found() -> None:
    address = addresses.add(signed_up(), "林晓", "13900000009", "北京市", "东四十条 22 号", AT)
    with pytest.raises(Address.DoesNotExist):
        addresses.of(signed_up("13800000002"), address.pk)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"consignee": " "}, "consignee"), ({"region": ""}, "region"), ({"street": "x" * 121}, "street")],
)
def test_an_incomplete_address_names_its_field(change: dict[str, str], field: str) -> None:
    whole = {"consignee": "林晓", "phone": "13900000009", "region": "北京市", "street": "东四十条 22 号"}
    with pytest.raises(addresses.AddressIncomplete) as refusal:
        addresses.add(signed_up(), **whole | change, at=AT)
    assert refusal.value.params == {"field": field}
    assert Address.objects.count() == 0


def test_a_bad_phone_is_refused() -> None:
    with pytest.raises(codes.PhoneInvalid):
        addresses.add(signed_up(), "林晓", "123", "北京市", "东四十条 22 号", AT)
