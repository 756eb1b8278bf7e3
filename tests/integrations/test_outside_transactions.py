"""The tests' own transport sees a provider call from inside a transaction."""

import pytest
from django.db import transaction

from integrations import registry
from tests.transport import CalledInsideTransaction

pytestmark = pytest.mark.django_db


def test_a_provider_call_inside_a_transaction_is_refused() -> None:
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        registry.sms().send("13800000001", "signing_code", {}, "out-1")


def test_a_call_outside_goes_through() -> None:
    assert registry.sms().send("13800000001", "signing_code", {}, "out-2").provider_id
