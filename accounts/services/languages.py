"""The language in which we write to a person: messages, SMS, the agreement."""

from django.conf import settings

from accounts.models import User


def choose(user: User, language: str) -> None:
    """Keep one of LANGUAGES; anything else changes nothing."""
    if language in dict(settings.LANGUAGES) and user.language != language:
        user.language = language
        user.save(update_fields=["language"])
