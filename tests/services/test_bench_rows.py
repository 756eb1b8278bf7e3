"""What a benchmark counts: both sides write the same rows, or there is no ratio."""

import pytest

from bench import _limit, _rows
from core.models import OutboxMessage
from core.services import outbox

pytestmark = pytest.mark.django_db
PUT = "INSERT INTO core_outboxmessage (topic, payload, attempts, error) VALUES ('bench', '{}', 0, '')"


def two_and_a_change() -> None:
    first, _second = outbox.put("bench"), outbox.put("bench")
    first.error = "seen"
    first.save(update_fields=["error"])


def test_the_rows_of_a_piece_of_work_are_counted_and_not_kept() -> None:
    two_and_a_change()  # what was written before does not count
    assert _rows.written(two_and_a_change) == {"core_outboxmessage": (2, 1, 0)}
    assert OutboxMessage.objects.count() == 2


def test_work_that_writes_nothing_has_no_rows() -> None:
    assert _rows.written(OutboxMessage.objects.count) == {}


def test_the_limits_transaction_is_counted_in_the_same_way() -> None:
    rows = _limit.written(f"PREPARE bench_put AS {PUT};", "BEGIN; EXECUTE bench_put; EXECUTE bench_put; COMMIT")
    assert rows == {"core_outboxmessage": (2, 0, 0)}
    assert not OutboxMessage.objects.exists()


def test_sides_that_differ_are_refused_with_their_rows() -> None:
    same = {"a": (1, 0, 0), "b": (0, 2, 1)}
    assert _rows.compared(same, same) == [
        ("a", "1 new, 0 changed | 1 new, 0 changed"),
        ("b", "0 new, 2 changed, 1 gone | 0 new, 2 changed, 1 gone"),
    ]
    with pytest.raises(SystemExit, match=r"different rows:\n  a  1 new, 0 changed \| 0 new, 0 changed"):
        _rows.compared({"a": (1, 0, 0)}, {})


def test_two_pieces_of_work_add_up() -> None:
    assert _rows.plus({"a": (1, 0, 0)}, {"a": (0, 2, 0), "b": (1, 0, 0)}) == {"a": (1, 2, 0), "b": (1, 0, 0)}


def test_a_text_becomes_one_literal() -> None:
    assert _limit.quoted("it's 新") == "'it''s 新'"
