"""Work asked for through the outbox."""

from datetime import datetime

from accounts.services import identity, sign_in
from core.consumers import consumer


@consumer(own_commits=True)
def check_identity(verification_id: int, at: datetime) -> None:
    """Topic identity.requested."""
    identity.check(verification_id, at)


@consumer()
def send_sign_in_code(code_id: int, at: datetime) -> None:
    """Topic sign_in.mail_asked."""
    sign_in.send_asked(code_id, at)
