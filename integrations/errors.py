"""What a provider call may end in besides an answer."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ProviderUnavailable(DomainError):
    """Nothing is known: the call may or may not have acted. Ask again with the same request number."""

    code = "provider_unavailable"
    message = _("The service does not answer at the moment. Please try again in a few minutes.")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail=detail)
        self.detail = detail


class Unreached(ProviderUnavailable):
    """A transport error or a 5xx: the only outcome that is worth an immediate second try."""


class BadSignature(ProviderUnavailable):
    """A message that cannot be trusted tells nothing. At the notice door: refuse it."""

    code = "bad_signature"


class NotYet(ProviderUnavailable):
    """The statement of that day is not out; ask again later."""

    code = "not_yet"


class BadStatement(ProviderUnavailable):
    """A statement that is not whole, is another one than asked for, or does not add up tells nothing."""

    code = "bad_statement"


class ProviderRefused(DomainError):
    """A final no. `provider_code` is the provider's own word for it, for staff and logs, not for customers."""

    code = "provider_refused"
    message = _("The service refused the request (%(provider_code)s).")

    def __init__(self, provider_code: str, reason: str = "") -> None:
        super().__init__(provider_code=provider_code, reason=reason)
        self.provider_code = provider_code
        self.reason = reason


class TurnedAway(ProviderRefused):
    """A no of the moment: nothing was taken, and the very same may be sent again later."""

    code = "turned_away"


class CallRefused(ProviderRefused):
    """Our call itself was not accepted (signature, clock, permission): nothing was decided about the money.

    Once that is mended the same call, with the same number, may well succeed: it is no final no.
    """
