"""An agreement's life in the database and on disk: two signatures, bytes that never change, a chain of evidence."""

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from contracts.models import Agreement, Document, EvidenceEvent
from contracts.paper.verify import Reason
from contracts.services import agreements, documents
from core.services import events
from orders.models import Order, State
from orders.services import papers, signing
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(days=1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        signed = make.order(State.SIGNED, slug="mini-4", months=3, on_paper=True)
        shown = make.order(State.APPROVED, slug="mini-4", months=3, of=signed.customer, on_paper=True)
        yield {"signed": signed.pk, "shown": shown.pk}


@pytest.fixture
def agreement(staged: dict[str, int]) -> Agreement:
    found = Order.objects.get(pk=staged["signed"]).agreement
    assert found is not None
    return found


@pytest.fixture
def shown(staged: dict[str, int]) -> Agreement:
    found = Order.objects.get(pk=staged["shown"]).agreement
    assert found is not None
    return found


def document(of: Agreement, kind: str = Document.Kind.SIGNED) -> Document:
    return Document.objects.get(agreement=of, kind=kind)


def file_of(kept: Document) -> Path:
    return Path(settings.MEDIA_ROOT) / "documents" / kept.sha256[:2] / f"{kept.sha256}.pdf"


@pytest.fixture
def rewritten() -> Iterator[Callable[[Document, bytes], None]]:
    """Someone with the disk in his hands changes a stored file; it is put back afterwards."""
    before: dict[Path, bytes] = {}

    def rewrite(kept: Document, content: bytes) -> None:
        path = file_of(kept)
        before.setdefault(path, path.read_bytes())
        path.chmod(0o600)
        path.write_bytes(content)

    yield rewrite
    for path, content in before.items():
        path.write_bytes(content)
        path.chmod(0o400)


# the paper


def test_the_stored_paper_is_signed_twice_and_genuine(agreement: Agreement) -> None:
    report = agreements.examine(documents.read(document(agreement)), LATER)
    assert (report.genuine, report.reason) == (True, Reason.GENUINE)
    assert [signature.valid and signature.trusted for signature in report.signatures] == [True] * 3
    assert report.sha256 == document(agreement).sha256


def test_one_changed_byte_anywhere_is_found(agreement: Agreement) -> None:
    pdf = documents.read(document(agreement))
    for place in range(9, len(pdf), len(pdf) // 7):
        changed = bytearray(pdf)
        changed[place] ^= 1
        assert not agreements.examine(bytes(changed), LATER).genuine, place


def test_appended_bytes_and_the_unsigned_paper_are_not_genuine(agreement: Agreement) -> None:
    pdf = documents.read(document(agreement))
    assert not agreements.examine(pdf + b"\n% more", LATER).genuine
    unsigned = documents.read(document(agreement, Document.Kind.UNSIGNED))
    assert agreements.examine(unsigned, LATER).reason is Reason.UNSIGNED


def test_the_download_is_the_bytes_of_the_stored_hash_and_is_recorded(agreement: Agreement) -> None:
    content = papers.signed(agreement, f"customer:{agreement.customer_id}", LATER)
    assert hashlib.sha256(content).hexdigest() == document(agreement).sha256
    assert len(content) == document(agreement).size
    last = events.of(agreement).last()
    assert last is not None
    assert (last.kind, last.actor) == ("agreement_read", f"customer:{agreement.customer_id}")


def test_an_agreement_on_show_has_no_signed_download(shown: Agreement) -> None:
    with walks.nothing_changes(), pytest.raises(papers.NotSignedYet):
        papers.signed(shown, "customer:1", LATER)


# the file


def test_a_changed_file_is_never_given_out(agreement: Agreement, rewritten: Callable[[Document, bytes], None]) -> None:
    kept = document(agreement)
    pdf = bytearray(documents.read(kept))
    pdf[-3] ^= 1
    rewritten(kept, bytes(pdf))
    with walks.nothing_changes(), pytest.raises(documents.DocumentDamaged):
        papers.signed(agreement, "customer:1", LATER)


def test_a_lost_file_is_never_given_out(agreement: Agreement, tmp_path: Path) -> None:
    kept = document(agreement)
    file_of(kept).rename(tmp_path / "away.pdf")
    try:
        with pytest.raises(documents.DocumentDamaged):
            documents.read(kept)
    finally:
        (tmp_path / "away.pdf").rename(file_of(kept))


def test_storing_the_same_bytes_twice_is_one_file() -> None:
    assert documents.store(b"the same") == documents.store(b"the same") == hashlib.sha256(b"the same").hexdigest()
    folder = file_of(Document(sha256=documents.store(b"the same"))).parent
    assert [path.suffix for path in folder.glob(f"{documents.store(b'the same')}*")] == [".pdf"]


def test_two_workers_may_store_the_same_bytes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins and ends while the first is writing."""
    flush, running = os.fsync, list[bool]()

    def fsync(handle: int) -> None:
        if not running:
            running.append(True)
            documents.store(b"at once")
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    kept = Document(sha256=documents.store(b"at once"))
    assert documents.read(kept) == b"at once"


def test_what_a_dead_worker_left_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(handle: int) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(os, "fsync", die)
        with pytest.raises(SystemExit):
            documents.store(b"half written")
    assert documents.read(Document(sha256=documents.store(b"half written"))) == b"half written"


# the row


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contracts_document SET sha256 = repeat('0', 64)",
        "DELETE FROM contracts_document",
        "UPDATE contracts_evidenceevent SET body = '{}'",
        "DELETE FROM contracts_evidenceevent",
        "TRUNCATE contracts_evidenceevent",
        "UPDATE contracts_agreement SET state = 'VOID' WHERE state = 'SIGNED'",
    ],
)
def test_the_database_refuses_to_change_what_was_signed(agreement: Agreement, statement: str) -> None:
    connection.check_constraints()  # nothing deferred waits, else TRUNCATE is refused for that
    with walks.nothing_changes(), pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(statement)


def test_an_agreement_has_one_signed_paper(agreement: Agreement) -> None:
    with pytest.raises(IntegrityError, match="contracts_document_once"), transaction.atomic():
        agreements._keep(agreement, Document.Kind.SIGNED, "0" * 64, 1, LATER)


def test_the_terms_are_sealed_and_their_hash_is_fixed(agreement: Agreement) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT terms FROM contracts_agreement WHERE id = %s", [agreement.pk])
        stored = cursor.fetchone()[0]
    assert make.NAME not in stored
    terms = agreements.terms_of(agreement, "test", "test", LATER)
    assert terms.lessee.name == make.NAME
    assert terms.sha256() == agreement.terms_sha256


def test_a_voided_agreement_is_neither_shown_nor_signed(shown: Agreement) -> None:
    agreements.void(shown.pk)
    with walks.nothing_changes():
        assert agreements.present(shown.pk, LATER) is False
        assert agreements.make_signatures(shown.pk, LATER) is None
        agreements.void(shown.pk)
        with pytest.raises(agreements.AgreementNotReady):
            agreements.intend(shown.pk, [], {}, LATER)


# the evidence


def test_the_chain_of_evidence_is_whole_and_tells_the_signing(agreement: Agreement) -> None:
    assert agreements.broken_evidence(agreement) is None
    kinds = [event.kind for event in agreement.evidence.all()]
    assert kinds == ["drafted", "presented", "confirmed", "code_entered", "signed"]
    last = agreement.evidence.last()
    assert last is not None
    assert last.facts["document_sha256"] == document(agreement).sha256
    entered = agreement.evidence.get(kind="code_entered")
    assert entered.facts["document_sha256"] == document(agreement, Document.Kind.UNSIGNED).sha256
    assert entered.facts["address"] == "127.0.0.1"


def unguarded(statement: str, *values: Any) -> None:
    """Past the triggers; the test's rollback brings them back."""
    connection.check_constraints()  # nothing deferred may wait when a trigger is switched
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE contracts_evidenceevent DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


@pytest.mark.parametrize("column", ["body", "hash"])
@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_a_changed_link_is_found_where_it_is(agreement: Agreement, column: str, sequence: int) -> None:
    value = {"body": "replace(body, 'sha256', 'sha255')", "hash": "repeat('0', 64)"}[column]
    where = f"UPDATE contracts_evidenceevent SET {column} = {value} WHERE agreement_id = %s AND sequence = %s"
    unguarded(where, agreement.pk, sequence)
    found = agreements.broken_evidence(agreement)
    assert found is not None
    assert found.index == sequence - 1


def test_a_removed_link_is_found(agreement: Agreement) -> None:
    unguarded("DELETE FROM contracts_evidenceevent WHERE agreement_id = %s AND sequence = 3", agreement.pk)
    found = agreements.broken_evidence(agreement)
    assert found is not None
    assert found.index == 2
    assert EvidenceEvent.objects.filter(agreement=agreement).count() == 4


def test_signing_an_agreement_on_show_without_the_customers_will_does_nothing(shown: Agreement) -> None:
    with walks.nothing_changes():
        signing.complete(Order.objects.get(agreement=shown).pk, LATER)
