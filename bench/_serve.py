"""The product as it is deployed: production settings, one gunicorn with two workers of four threads."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.start import LIMIT_S, free_port, wait

SERVER = ["gunicorn", "--no-control-socket", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]


def prepare() -> None:
    """Settings and schema; then the models of this process may be used."""
    os.environ.update({"ALLOWED_HOSTS": "127.0.0.1", "SECURE_SSL_REDIRECT": "0", "LOG_LEVEL": "ERROR"})
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rental.settings")
    import django

    django.setup()


@contextmanager
def serving(application: str, variables: Mapping[str, str], first: str = "") -> Iterator[int]:
    """The port of a server that has answered its page `first`."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *SERVER, "--bind", f"127.0.0.1:{port}", application],
        env={**os.environ, **variables},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait(process, f"http://127.0.0.1:{port}/{first}", LIMIT_S)
        yield port
    finally:
        process.terminate()
        process.communicate()
