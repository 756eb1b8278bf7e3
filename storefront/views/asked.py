"""Whom this browser asked a code for, between the step that sends it and the one that takes it.

The session keeps the phone or address, sealed, and the code's ticket.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest

from accounts.services import codes
from core import seals
from core.errors import DomainError
from storefront.forms.base import DoorForm
from storefront.views import answer


@dataclass(frozen=True, slots=True)
class Asked:
    """`to`: the phone or the address as it was typed."""

    to: str
    ticket: UUID


@dataclass(frozen=True, slots=True)
class Asking:
    """One pair of steps; `name` is its place in the session."""

    name: str

    def of(self, request: HttpRequest) -> Asked | None:
        sealed, ticket = request.session.get(self.name, ""), request.session.get(self._ticket, "")
        try:
            return Asked(seals.unseal(sealed, self._place), UUID(ticket))
        except (ValueError, InvalidTag):
            return None

    def send(
        self, request: HttpRequest, form: DoorForm, to: str, ask: Callable[[], UUID], is_same: Callable[[str], bool]
    ) -> bool:
        """Whether a code is on its way. One that this browser asked for moments ago is as good as a new one; another
        browser's is none of its business.
        """
        try:
            ticket = ask()
        except DomainError as error:
            asked = self.of(request)
            if isinstance(error, codes.ResendTooSoon) and asked is not None and is_same(asked.to):
                answer.tell(request, str(error), "wait")
                return True
            form.refuse(error)
            return False
        request.session[self.name], request.session[self._ticket] = seals.seal(to, self._place), str(ticket)
        return True

    def forget(self, request: HttpRequest) -> None:
        for kept in (self.name, self._ticket):
            request.session.pop(kept, None)

    @property
    def _place(self) -> str:
        return f"session.{self.name}"

    @property
    def _ticket(self) -> str:
        return f"{self.name}_ticket"
