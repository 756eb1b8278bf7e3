"""Optional accident cover at the checkout: seen with its price, never chosen beforehand, ordered as shown (C8)."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.models import User
from catalog.models import LeasePlan
from core import calendar
from orders.models import Order
from orders.services import checkout
from tests import make
from tests.doors.test_storefront_forms import client_of, order_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> LeasePlan:
    return make.plan()


def test_cover_is_never_chosen_beforehand_and_ordered_when_it_was(offer: LeasePlan) -> None:
    client = client_of(make.customer().user)
    form, address = order_form(client, offer), f"/checkout/{offer.pk}/?months=12"
    with make.moment(make.AT):
        bare, covered = (client.get(to).content.decode() for to in (address, f"{address}&cover=1"))
        assert f'<a href="{address.replace("&", "&amp;")}" aria-current="true">' in bare
        assert "¥9.00" in bare  # the price is seen before it is chosen
        digest = re.search(r'name="digest" value="(\w+)"', covered)
        assert digest is not None
        assert digest[1] != form["digest"]
        assert client.post(f"{address}&cover=1", form).status_code == 422
        assert client.post(f"{address}&cover=1", form | {"digest": digest[1]}).status_code == 303
    assert {bill.cover for bill in Order.objects.get().lease.bills.all()} == {Decimal("9.00")}


def test_nonsense_about_cover_in_the_address_is_no_wish(offer: LeasePlan) -> None:
    client = client_of(make.customer().user)
    make.address(User.objects.get(pk=client.session["_auth_user_id"]).customer)
    bare = make.plan("w3")
    with make.moment(make.AT):
        assert client.get(f"/checkout/{bare.pk}/?months=12&cover=1").status_code == 200
        assert 'aria-current="true">Without' not in client.get(f"/checkout/{bare.pk}/?cover=1").content.decode()


def test_compulsory_cover_stands_with_its_price_and_no_hand_made_request_leaves_it_out() -> None:
    offer, customer = make.plan("cine-2"), make.customer()
    client, address = client_of(customer.user), make.address(customer)
    digest = checkout.quote(customer, offer, 6, calendar.business_date(make.AT)).digest
    form = {"address": str(address.pk), "digest": digest, "request_key": str(uuid4())}
    with make.moment(make.AT):
        for asked in ("", "&cover=", "&cover=0", "&cover=off"):
            shown = client.get(f"/checkout/{offer.pk}/?months=6{asked}").content.decode()
            assert f"{offer.cover_monthly}" in shown
            assert "cover=1" not in shown  # nothing to tick, nothing to untick
        assert f"{offer.cover_monthly}" in client.get(f"/basket/?line={offer.pk}.6").content.decode()
        told = form | {"cover": "0", "cover_choice": "NONE", "cover_monthly": "0"}
        assert client.post(f"/checkout/{offer.pk}/?months=6&cover=0", told).status_code == 303
    assert {bill.cover for bill in Order.objects.get().lease.bills.all()} == {offer.cover_monthly}
