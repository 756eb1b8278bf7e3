"""What our logs say of a request: once, as JSON, and without anybody's number."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
ID_NUMBER = "110101199003071234"


def _consoles(name: str) -> Iterator[logging.StreamHandler[Any]]:
    """The handlers that write what this logger says, as `logging` itself looks for them."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None:
        yield from (handler for handler in logger.handlers if type(handler) is logging.StreamHandler)
        logger = logger.parent if logger.propagate else None


@pytest.fixture
def written(settings: Any, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """With DEBUG, as in the demo: then Django brings a console of its own."""
    settings.DEBUG = True
    stream = io.StringIO()
    for name in ("django.request", "django.server"):
        for handler in _consoles(name):
            monkeypatch.setattr(handler, "stream", stream)
    return stream


def test_a_page_that_is_not_there_is_logged_once_and_masked(written: io.StringIO) -> None:
    assert Client().get(f"/nothing/{ID_NUMBER}/").status_code == 404
    (line,) = written.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"]) == ("WARNING", "django.request")
    assert told["message"] == "Not Found: /nothing/110101********1234/"


@pytest.mark.parametrize("name", ["django.request", "django.server", "django.security"])
def test_a_traceback_is_masked_too(name: str, written: io.StringIO) -> None:
    try:
        raise ValueError(f"no such person: {ID_NUMBER}")
    except ValueError:
        logging.getLogger(name).exception("failed for %s", ID_NUMBER)
    (line,) = written.getvalue().splitlines()
    assert "ValueError" in json.loads(line)["error"]
    assert ID_NUMBER not in line


@pytest.mark.parametrize("digits", ["0123456789abcdef" * 4, "13900001234" + "a" * 53, "110101199003071234abcd"])
def test_a_token_of_the_api_is_never_logged(digits: str, written: io.StringIO) -> None:
    token = f"xz_{digits}"
    for told in (f"Authorization: Bearer {token}", f"{{'Authorization': 'Bearer {token}'}}", f"/my/?x={token}", token):
        logging.getLogger("django.request").warning("asked with %s.", told)
    assert Client().get(f"/nothing/{token}/").status_code == 404
    assert not any(token[n : n + 6] in written.getvalue() for n in range(3, len(token) - 6))
    assert "***" in written.getvalue()
