"""Named kill points: where a test lets the process die as a power cut would (reliability.md, Faults)."""

import os

from django.conf import settings

KILLED = 137


def point(name: str) -> None:
    """Die here when the environment says FAULT=`name`; without DEBUG this is nothing."""
    if settings.DEBUG and os.environ.get("FAULT") == name:
        os._exit(KILLED)
