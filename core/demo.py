"""How far the demo's past is filled in, for whoever shows it; settings.DEMO_PROGRESS names who counts."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Progress:
    """So many of all histories stand."""

    made: int
    all: int

    @property
    def is_over(self) -> bool:
        return self.made >= self.all


def progress() -> Progress | None:
    """None outside the demo and once all stand: there is nothing to show then."""
    count = import_string(settings.DEMO_PROGRESS) if settings.DEMO and settings.DEMO_PROGRESS else None
    found: Progress | None = count() if count else None
    return None if found is None or found.is_over else found
