"""What a service says when the domain refuses. Doors translate it; a programmer's mistake is a ValueError."""

from typing import Any, ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """A fact that stands in the way, with a stable `code` for machines and a sentence for people.

    Subclasses stand beside the function that raises them and are named as facts (`QuotaExhausted`).
    `message` may hold %(name)s, filled from the keyword arguments, which machines get as `params`.
    """

    code: ClassVar[str]
    message: ClassVar[str | Promise]

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % self.params
