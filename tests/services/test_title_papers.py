"""The title paper: made by a worker once title has passed, signed by the lessor alone, once, whatever dies."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.models import Agreement, Document
from contracts.paper import verify
from contracts.services import agreements, documents
from core import calendar
from core.models import OutboxMessage
from orders.models import Ending, Order, State
from orders.services import addenda, buyouts, payments
from sandbox import visitors
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
ON = calendar.instant(date(2026, 2, 3), 12)


@pytest.fixture(scope="module")
def bought(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A phone that its customer bought on any day; its paper was really made."""
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT)
        buyouts.open(order.pk, f"customer:{order.customer_id}", ON)
        with make.moment(ON):
            payment = payments.pay_offer(order, ON)
            visitors.pay(payments.page(payment, "http://testserver/"), make.phone_of(order.customer, ON))
        make.deliver_notices(ON)
        yield order.pk


@pytest.fixture
def paper(bought: int) -> Agreement:
    found = Ending.objects.get(order=bought).paper
    assert found is not None
    return found


def test_title_passed_and_the_lessors_paper_proves_it(paper: Agreement) -> None:
    assert (paper.kind, paper.state) == (Agreement.Kind.TITLE, Agreement.State.SIGNED)
    document = agreements.signed(paper)
    assert document is not None
    content = documents.read(document)
    report = agreements.examine(content, ON)
    assert (report.genuine, [each.role for each in report.signatures]) == (True, ["lessor", "timestamp"])
    changed = bytearray(content)
    changed[len(content) // 3] ^= 1
    assert not agreements.examine(bytes(changed), ON).genuine
    assert agreements.examine(content + b"\n", ON).reason == verify.Reason.APPENDED
    assert walks.told(paper.ending.order, "title_paper") == 1
    assert walks.broken() == {}


def test_the_work_repeated_makes_no_second_paper(paper: Agreement) -> None:
    message = OutboxMessage.objects.get(topic="paper.drafted")
    assert message.payload == {"agreement_id": paper.pk}
    with walks.nothing_changes():
        addenda.make(paper.pk, ON + timedelta(hours=1))
    assert paper.documents.filter(kind=Document.Kind.SIGNED).count() == 1


def test_what_it_says_is_what_was_paid(paper: Agreement) -> None:
    order = Order.objects.get(pk=paper.ending.order_id)
    terms = agreements._stated(paper, "test", ON)
    paid = sum(bill.paid for bill in order.lease.bills.all())
    assert terms.paid_in_all == paid  # type: ignore[union-attr]
    assert terms.agreement == order.number  # type: ignore[union-attr]
    assert terms.serial == order.unit.serial  # type: ignore[union-attr]
