"""How the log names who took a step."""

from accounts.models import User


def customer(user: User) -> str:
    return f"customer:{user.customer.pk}"


def merchant(user: User) -> str:
    return f"merchant:{user.pk}"


def operator(user: User) -> str:
    return f"operator:{user.pk}"
