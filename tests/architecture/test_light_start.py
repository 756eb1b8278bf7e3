"""A starting web server loads no library that only a later call needs: start and memory are counted (bench start)."""

import json
import os
import subprocess
import sys

from tests.architecture.sources import ROOT

LATER = {"httpx", "stamina", "weasyprint", "pyhanko", "fontTools", "segno", "babel", "PIL", "celery", "kombu"}
START = """
import json, sys
import rental.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def loaded(source: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "rental.settings", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_the_web_server_starts_light() -> None:
    assert loaded(START) & LATER == set()


def test_a_heavy_start_is_seen() -> None:
    assert "httpx" in loaded(START.replace("import rental.wsgi", "import rental.wsgi, integrations.http"))
