"""Credit scores of others, given with the person's consent at the provider."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """`score` is None when the provider has none for this person (N/A); `code` is the provider's receipt."""

    score: int | None
    provider_user: str
    code: str


class CreditProvider(Protocol):
    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Where the person consents; the browser comes back to `redirect_uri` with `auth_code` and `state`."""
        ...

    def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
        """The score behind a consent. `auth_code` works once, so this call is not repeated by itself.

        The same `request_no` within 24 hours gives the first answer. Raises ProviderRefused (no consent, used code),
        ProviderUnavailable (source down: never a reason to refuse the person).
        """
        ...
