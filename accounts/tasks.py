"""Work asked for through the outbox."""

from datetime import datetime

from accounts.services import identity
from core.consumers import consumer


@consumer(own_commits=True)
def check_identity(verification_id: int, at: datetime) -> None:
    """Topic identity.requested."""
    identity.check(verification_id, at)
