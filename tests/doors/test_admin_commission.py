"""The platform's share in the admin: terms are added for months to come, never changed, never for a settled month."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import CommissionTerm, MerchantStatement
from billing.services import settlements
from core.calendar import instant
from tests import make, things

pytestmark = pytest.mark.django_db
ADD = "admin:billing_commissionterm_add"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


def test_an_operator_adds_a_term_in_his_name(operator: Client) -> None:
    merchant = things.merchant()
    typed = {"merchant": merchant.pk, "commission_rate": "0.08", "since": "2026-03-01"}
    assert operator.post(reverse(ADD), typed).status_code == 302
    term = CommissionTerm.objects.get()
    assert (term.commission_rate, term.since, term.set_by) == (Decimal("0.08"), date(2026, 3, 1), make.operator())
    change = reverse("admin:billing_commissionterm_change", args=[term.pk])
    assert operator.post(change, {**typed, "commission_rate": "0"}).status_code == 403
    assert operator.post(reverse("admin:billing_commissionterm_delete", args=[term.pk])).status_code == 403
    assert operator.post(reverse(ADD), typed).status_code == 200  # once for a month
    assert CommissionTerm.objects.count() == 1


@pytest.mark.parametrize(
    ("rate", "since"), [("8", "2026-06-01"), ("-0.1", "2026-06-01"), ("0.08", "2026-06-02"), ("0.08", "2026-03-01")]
)
def test_no_share_no_first_day_or_a_settled_month_is_said_on_the_form(operator: Client, rate: str, since: str) -> None:
    lease = things.lease(start=date(2026, 3, 2))
    settlements.set_commission(lease.merchant, Decimal("0.1"), date(2026, 1, 1), things.operator())
    things.paid(things.bill(lease), at=instant(date(2026, 3, 2), 11))
    settlements.issue(lease.merchant_id, date(2026, 3, 1), instant(date(2026, 4, 1), 10))
    answer = operator.post(reverse(ADD), {"merchant": lease.merchant_id, "commission_rate": rate, "since": since})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert (CommissionTerm.objects.count(), MerchantStatement.objects.count()) == (1, 1)
