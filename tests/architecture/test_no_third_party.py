"""No third party is ever contacted (domain.md §9): what collects money cannot even name a customer's contacts."""

import ast
from collections.abc import Iterator

from tests.architecture import bans, sources
from tests.architecture.sources import Source

COLLECTS = ("billing/", "notices/", "contracts/", "catalog/", "sandbox/", "integrations/")
MAY_OPEN = "accounts/services/contacts.py"
NAMES = {"accounts.models.Contact", "accounts.models.evidence.Contact", "accounts.services.contacts"}


def reaches(source: Source) -> list[str]:
    """Imports of contacts."""
    return [f"{source.path}:{line}" for name, line in bans.imported(source) if name in NAMES]


def writes(source: Source) -> Iterator[str]:
    """Calls that would tell somebody something."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in ("messages", "sending"):
                yield f"{source.path}:{node.lineno}"


def test_rooms_that_ask_for_money_do_not_know_contacts() -> None:
    rooms = [source for source in sources.product() if source.path.startswith(COLLECTS)]
    assert len(rooms) > 50
    assert [found for source in rooms for found in reaches(source)] == []


def test_the_room_of_contacts_tells_nobody_anything() -> None:
    [room] = [source for source in sources.product() if source.path == MAY_OPEN]
    assert list(writes(room)) == []


def test_a_planted_reach_and_a_planted_message_are_seen() -> None:
    assert reaches(Source.of("billing/services/x.py", "from accounts.models import Contact"))
    assert reaches(Source.of("billing/services/x.py", "from accounts.services import contacts"))
    assert list(writes(Source.of("x.py", "messages.inform(user)")))
