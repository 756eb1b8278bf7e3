"""The mails of the pretended world."""

from sandbox.post import Mail


def inbox(to: str = "") -> list[Mail]:
    """The newest hundred, newest first; of one box when given."""
    rows = Mail.objects.filter(to=to.lower()) if to else Mail.objects.all()
    return list(rows.order_by("-sent_at", "-pk")[:100])


def latest(to: str) -> Mail:
    """The newest mail to an address, for tests. Mail.DoesNotExist when there is none."""
    return Mail.objects.filter(to=to).latest("pk")
