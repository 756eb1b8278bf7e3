"""Agreements for tests that are about something else: printed once, signed by nobody.

Printing and signing one takes three quarters of what an order costs a test. What papers are worth is tested with real
ones: tests/services/test_paper_*, test_agreements, the journeys, and `make.order(..., on_paper=True)`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from contracts.models import Agreement
from contracts.paper import render
from contracts.services import agreements, documents

_print_paper, _printed = render.agreement, list[bytes]()


@contextmanager
def quick_paper() -> Iterator[None]:
    """One agreement is printed, the others differ from it in their last line; nobody signs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "agreement", _copied)
        patch.setattr(agreements, "make_signatures", _unsigned)
        yield


def _copied(terms: Any) -> bytes:
    if not _printed:
        _printed.append(_print_paper(terms))
    return _printed[0] + f"\n% {terms.number}\n".encode()


def _unsigned(agreement_id: int, at: datetime) -> bytes | None:
    agreement = Agreement.objects.get(pk=agreement_id)
    is_willed = agreement.state == Agreement.State.SIGNING
    return documents.read(agreements.unsigned(agreement)) if is_willed else None
