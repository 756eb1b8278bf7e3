"""What every adapter can do beside its work: say where it calls, and whether it is answered there."""

from typing import Protocol


class Checked(Protocol):
    @property
    def called(self) -> str:
        """Under which name its calls are counted (`tally`)."""
        ...

    @property
    def address(self) -> str:
        """Where it calls; the circuit breaker stands before the host in it."""
        ...

    def check(self) -> None:
        """Ask the cheapest question there is: it moves nothing, tells of nobody and costs nothing.

        Returns when the answer is one that only a call of ours in good order gets. Errors as of every call.
        """
        ...
