"""Who opens a sealed cell, place by place: a new place fails here until it says what it opens, and why it may.

The conduct guard (domain.md §9) is worth nothing where a person reads a number beside it. So the places that open a
phone or an e-mail address are named one by one; all others may not even hold such a cell.
"""

import ast
from collections.abc import Iterator

from tests.architecture import sources
from tests.architecture.sources import Source

Place = tuple[str, str]  # path, function
REACHES: dict[Place, str] = {  # a number or an address that somebody could be reached by
    ("notices/services/calls.py", "dial"): "the guarded call: recorded, counted, by day",
    ("notices/services/calls.py", "number"): "the same call, to whoever dialled, for ten minutes",
    ("notices/services/messages.py", "_opened"): "copied into the message, for its sending alone",
    ("notices/services/sending.py", "_open"): "the one way out, behind its guard; no person reads it",
    (
        "desk/customers.py",
        "reveal",
    ): "for a reason on record, and only of whom nobody asks money (reaching.require_free)",
    ("accounts/services/codes.py", "send_asked"): "a sign-in code, to the proved address that asked for it",
    ("visits/services/doors.py", "read"): "address and name of an appointment's day; a review's number around its time",
    (
        "accounts/services/contacts.py",
        "read",
    ): "the review of an order, of whom nobody asks money (answers.read_contact)",
    ("accounts/services/contacts.py", "request_code"): "a code that the guarantor asks for himself",
    ("accounts/services/contacts.py", "consent"): "his code is checked against his own number",
    ("orders/services/labels.py", "open_label"): "the merchant's label, while a parcel must find its way",
    ("orders/services/tracking.py", "_phone"): "the carrier's question for a parcel; no person reads it",
    ("orders/services/signing.py", "request_code"): "a code that the customer asks for himself",
    ("orders/services/signing.py", "intend"): "his code is checked against his own number",
    ("orders/services/renewals.py", "request_code"): "as signing",
    ("orders/services/renewals.py", "intend"): "as signing",
    ("orders/services/extensions.py", "request_code"): "as signing",
    ("orders/services/extensions.py", "intend"): "as signing",
}
OTHERS: dict[Place, str] = {  # what nobody is reached by; none of these may name a phone or an address
    ("accounts/services/behaviour.py", "of"): "the birthday, for a decision",
    ("accounts/services/identity.py", "_open"): "name and ID number, for the identity check",
    ("accounts/services/keys.py", "of"): "a person's key",
    ("accounts/services/second_factor.py", "_open"): "the secret of an authenticator app",
    ("contracts/services/agreements.py", "terms_of"): "an agreement, in which phones are masked",
    ("contracts/services/agreements.py", "renewal_of"): "the same",
    ("contracts/services/agreements.py", "extension_reading"): "the same",
    ("contracts/services/agreements.py", "_stated"): "the same",
    ("credit/services/reports.py", "_ask"): "an authorisation code",
    ("orders/services/terms.py", "_lessee"): "the name, for the agreement",
    ("orders/services/terms.py", "_delivery"): "recipient and street, for the agreement",
    ("storefront/views/basket.py", "_receiver"): "the customer's own address, to himself",
    ("storefront/views/placing.py", "_page"): "the same",
    ("visits/services/visits.py", "read_remarks"): "an agent's remarks, to the reviewer",
}
UNSEALERS = {
    "storefront/views/asked.py": "what the visitor typed himself, kept in his own session until his code comes"
}
OPENS = {"by", "purpose", None}  # the words of `Sealed.open`; None: handed on as **words
BY_NAME = ("getattr", "methodcaller", "attrgetter")
REACHING = ("phone", "email", "mail", "contact")


def opened(source: Source) -> Iterator[tuple[Place, str]]:
    """Where a sealed cell is opened: the place, and what is opened as it is written."""
    yield from _opened(source.path, source.tree, "")


def _opened(path: str, node: ast.AST, function: str) -> Iterator[tuple[Place, str]]:
    for child in ast.iter_child_nodes(node):
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(child, ast.Call) and _is_opening(child):
            yield (path, inner), ast.unparse(child.func)
        yield from _opened(path, child, inner)


def _is_opening(call: ast.Call) -> bool:
    verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return verb in ("open_all", "_plain") or (verb == "open" and bool(OPENS & {word.arg for word in call.keywords}))


def unseen(source: Source) -> Iterator[str]:
    """Ways to open that the test above would not see: the verb taken without being called, by name or unsealed raw."""
    called = {id(node.func) for node in ast.walk(source.tree) if isinstance(node, ast.Call)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("open_all", "_plain", "unseal") and id(node) not in called:
            yield f"{source.path}:{node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "unseal":
            yield f"{source.path}:{node.lineno}"
        if isinstance(node, ast.Call) and _named(node.func) in BY_NAME and '"open"' in ast.dump(node).replace("'", '"'):
            yield f"{source.path}:{node.lineno}"


def _named(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def product() -> list[Source]:
    return [source for source in sources.product() if source.path != "core/fields.py"]


def test_every_place_that_opens_a_sealed_cell_is_named_with_its_reason() -> None:
    found = {place for source in product() for place, _what in opened(source)}
    assert found == REACHES.keys() | OTHERS.keys()


def test_what_the_others_open_is_no_way_to_reach_anybody() -> None:
    for source in product():
        for place, what in opened(source):
            if place in OTHERS:
                assert not any(word in what for word in REACHING), (place, what)


def test_nothing_is_opened_where_this_test_would_not_see_it() -> None:
    found = {line.partition(":")[0] for source in product() for line in unseen(source)}
    assert found == UNSEALERS.keys()


def test_planted_openings_are_seen() -> None:
    for planted in (
        "def f(user): return user.phone.open(by='x', purpose='y', at=z)",
        "def f(user, words): return user.phone.open(**words)",
        "def f(cells): return Sealed.open_all(cells, whys, by='x', at=z)",
    ):
        assert [place for place, _what in opened(Source.of("desk/x.py", planted))] == [("desk/x.py", "f")]
    for planted in ("ways = map(Sealed.open_all, cells)", "x = getattr(cell, 'open')", "seals.unseal(raw, place)"):
        assert list(unseen(Source.of("desk/x.py", planted)))


def test_no_page_of_the_office_links_a_number_but_the_agents_own() -> None:
    linked = [path.name for path in sources.templates() if "tel:" in path.read_text() and path.parent.name == "desk"]
    assert linked == ["round.html"]
