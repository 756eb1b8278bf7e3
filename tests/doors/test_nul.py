"""A NUL byte in an address or a cookie is a bad request at every door, never a server error."""

import pytest
from django.test import Client

from orders.models import State
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/devices/?q=%00", "/devices/%00/", "/orders/XO%00/", "/portal/orders/?before=%00", "/desk/orders/?q=a%00"],
)
def test_a_nul_is_refused(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_page_without_one_is_served(client: Client) -> None:
    assert client.get("/devices/?q=%20").status_code == 200


@pytest.mark.parametrize("name", ["xinzu_session", "xinzu_csrf", "django_language"])
def test_a_nul_in_a_cookie_is_refused(client: Client, name: str) -> None:
    """A quoted octal is unquoted to the character itself."""
    assert client.get("/", headers={"cookie": f'{name}="\\000abcdefghijk"'}).status_code == 400
    assert client.get("/", headers={"cookie": f'{name}="\\101bcdefghijk"'}).status_code == 200


def test_a_nul_in_the_body_of_a_post_is_answered(client: Client) -> None:
    client.force_login(make.signed_up().user)
    with make.moment(make.AT):
        assert client.post("/my/permissions/", {"purpose": "a\0b"}).status_code == 303
        assert client.post("/language/", {"language": "a\0b"}).status_code < 500


def test_a_nul_in_the_form_of_a_lease_is_answered(client: Client) -> None:
    order = make.order(State.SIGNED)
    client.force_login(order.customer.user)
    with make.moment(make.AT):
        assert client.post(f"/leases/{order.number}/pay/", {"bill": "1\0"}).status_code == 303
        client.post(f"/orders/{order.number}/agreement/sign/", {"confirmed": "a\0", "code": "1\0"})
