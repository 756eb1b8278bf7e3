"""What `manage.py check` asks of an installation; migrate and the worker ask it too when they start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def key_files_are_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Where keys are never made on first use, each must be there before the first customer is."""
    if settings.MAKE_KEYS:
        return []
    from rental import key_files  # knows the libraries of every key; a web server starts without them

    return [
        Error(f"key file {name} is missing in KEY_DIR", hint="manage.py make_keys, or its giver", id="rental.E001")
        for name in key_files.missing()
    ]
