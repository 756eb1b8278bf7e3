"""A NUL byte in an address is a bad request at every door, never a server error."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/devices/?q=%00", "/devices/%00/", "/orders/XO%00/", "/portal/orders/?before=%00", "/desk/orders/?q=a%00"],
)
def test_a_nul_is_refused(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_page_without_one_is_served(client: Client) -> None:
    assert client.get("/devices/?q=%20").status_code == 200
