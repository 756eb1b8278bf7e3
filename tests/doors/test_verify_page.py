"""The page on which anybody has a paper checked: what it says of a genuine one, a changed one and what is no paper."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contracts.models import Document
from contracts.rules.limits import LARGEST_FILE
from contracts.services import documents
from orders.models import State
from storefront.views import verify
from tests import make, walks

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def signed(django_db_setup: None, django_db_blocker: Any) -> Iterator[bytes]:
    with walks.kept(django_db_blocker):
        order = make.order(State.SIGNED, on_paper=True)
        assert order.agreement is not None
        yield documents.read(order.agreement.documents.get(kind=Document.Kind.SIGNED))


def ask(content: bytes, client: Client | None = None) -> str:
    client = client or Client()
    client.post("/language/", {"language": "en", "next": "/"})
    with make.moment(make.AT):
        answer = client.post("/verify/", {"paper": SimpleUploadedFile("x.exe", content)})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_hears_that_a_paper_is_genuine_and_who_signed_it(signed: bytes) -> None:
    page = ask(signed)
    assert "Genuine and unchanged" in page
    assert "Lessee" in page
    assert "Lessor" in page


def test_one_changed_byte_is_told(signed: bytes) -> None:
    changed = bytearray(signed)
    changed[len(changed) // 3] ^= 1
    page = ask(bytes(changed))
    assert "Genuine" not in page
    assert "Do not rely on this file" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This is no PDF"),
        (b"<script>alert(1)</script>", "This is no PDF"),
        (b"%PDF-1.7\n" + bytes(LARGEST_FILE), "larger than any paper of ours"),
    ],
)
def test_what_is_no_paper_is_said_to_be_none(content: bytes, said: str) -> None:
    assert said in ask(content)


def test_without_a_file_the_form_says_so_and_no_row_is_written(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(6):
        answer = Client().post("/verify/")
    assert answer.status_code == 422


def test_one_address_has_so_many_files_checked_and_another_goes_on(signed: bytes) -> None:
    def status(address: str) -> int:
        paper = SimpleUploadedFile("x.pdf", b"no paper")
        return Client(REMOTE_ADDR=address).post("/verify/", {"paper": paper}).status_code

    with make.moment(make.AT):
        assert [status("192.0.2.1") for _ in range(verify.MOST + 1)] == [200] * verify.MOST + [429]
        assert status("192.0.2.2") == 200
