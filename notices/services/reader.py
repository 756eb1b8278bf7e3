"""Who is told: the one thing that notices asks of the users above it."""

from typing import Any, Protocol

from core.fields import Sealed


class Reader(Protocol):
    """A user with a language and perhaps a phone."""

    @property
    def pk(self) -> Any: ...

    @property
    def language(self) -> str: ...

    @property
    def phone(self) -> Sealed | None: ...
