"""Credit scores of others, given with the person's consent at the provider."""

from dataclasses import dataclass
from typing import Protocol

from integrations.checked import Checked
from integrations.errors import ProviderUnavailable


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """`score` is None when the provider has none for this person (N/A); `code` is the provider's receipt."""

    score: int | None
    provider_user: str
    code: str


@dataclass(frozen=True, slots=True)
class AdmissionAnswer:
    """Whether the person's score reaches the bar asked about, without the score; None when there is none (N/A)."""

    admitted: bool | None
    provider_user: str
    code: str


class ScoreDelayed(ProviderUnavailable):
    """The consent was taken, the score did not come. Give `grant` instead of the spent code when asking again.

    A grant opens one person's score: keep it sealed.
    """

    def __init__(self, detail: str, grant: str) -> None:
        super().__init__(detail)
        self.grant = grant


class CreditProvider(Checked, Protocol):
    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Where the person consents; the browser comes back to `redirect_uri` with `auth_code` and `state`."""
        ...

    def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
        """The score behind a consent: a code, which works once, or the grant of a ScoreDelayed.

        The same `request_no` within 24 hours gives the first answer. Raises ProviderRefused (no consent, used code),
        ScoreDelayed and ProviderUnavailable (source down: never a reason to refuse the person).
        """
        ...

    def fetch_admission(self, auth_code: str, bar: int, request_no: str) -> AdmissionAnswer:
        """Yes or no to `bar`; as `fetch_score` in everything else. The provider asks not to vary the bar."""
        ...
