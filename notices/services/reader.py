"""Who is told: the one thing that notices asks of the users above it."""

from datetime import date
from typing import Any, Protocol

from core.fields import Sealed


class Reader(Protocol):
    """A user with a language, perhaps a phone, and perhaps an e-mail address that he proved."""

    @property
    def pk(self) -> Any: ...

    @property
    def language(self) -> str: ...

    @property
    def phone(self) -> Sealed | None: ...

    @property
    def email(self) -> Sealed | None: ...

    @property
    def in_peace_since(self) -> date | None:
        """A death or a loss of legal capacity is on record: no phone and no mailbox is reached any more."""
