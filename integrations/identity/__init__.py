"""Is this person who they say they are? Two questions to the registers, each billed when it is answered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from integrations.checked import Checked


class Result(StrEnum):
    MATCH = "MATCH"
    MISMATCH = "MISMATCH"
    NO_RECORD = "NO_RECORD"
    INVALID_INPUT = "INVALID_INPUT"


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """`code` is the provider's own; `billed` says whether this question costs money."""

    result: Result
    code: str
    billed: bool


class IdentityProvider(Checked, Protocol):
    def check_identity(self, name: str, id_number: str) -> IdentityAnswer:
        """Do name and number belong together?

        Raises ProviderUnavailable, and ProviderRefused for a fault of our account, never of the person.
        """
        ...

    def check_phone_owner(self, name: str, id_number: str, phone: str) -> IdentityAnswer:
        """Is the phone registered to that person? Errors as above."""
        ...
