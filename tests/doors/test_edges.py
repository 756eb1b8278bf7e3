"""Error pages and the sandbox's pages: what holds for every page holds for them (tests/pages/edges.py)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.test import Client, RequestFactory
from pytest_django import Settings

from core.middleware import own_error_pages
from sandbox import conf
from sandbox.wsgi import transport
from tests.doors.test_every_page import INLINE
from tests.pages import edges, reading

pytestmark = pytest.mark.django_db
LANGUAGES = {"zh-hans": "zh", "en": "en"}
BOTH_AT_ONCE = "broken"  # nothing may be asked there, not even the language


@pytest.mark.parametrize("name", edges.ERRORS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_page_says_what_happened_in_the_readers_language(name: str, language: str) -> None:
    answer = edges.error(name, language)
    html = answer.content.decode()
    read = reading.read(html)
    assert answer.status_code == edges.ERRORS[name][0]
    assert (read.count.get("h1"), read.count.get("main")) == (1, 1)
    assert not INLINE.findall(html)
    assert 'href="/"' in html  # one way on
    if name != BOTH_AT_ONCE:
        assert read.language.startswith(LANGUAGES[language])
        wrong = reading.chinese_in_english(html, ["中文"]) if language == "en" else reading.english_in_chinese(html)
        assert wrong == []


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        yield client


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_sandbox_speaks_the_readers_language(web: httpx.Client, language: str) -> None:
    found = edges.addresses()
    assert list(found) == edges.SANDBOX
    for name, address in found.items():
        answer = web.get(address, headers={"accept-language": language})
        read = reading.read(answer.text)
        assert answer.status_code == (404 if name == "lost" else 200), name
        assert read.language.startswith(LANGUAGES[language])
        assert (read.count.get("h1"), read.count.get("main")) == (1, 1), name
        assert not INLINE.findall(answer.text), name
        if language == "zh-hans":
            assert reading.english_in_chinese(answer.text) == [], name


class Trouble:
    """What Django makes of an error with DEBUG on."""

    def __init__(self, answer: HttpResponse) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer


@pytest.mark.parametrize("answer", [HttpResponseNotFound("traceback"), HttpResponseServerError("traceback")])
def test_the_demo_shows_our_error_pages_and_developers_see_theirs(settings: Settings, answer: HttpResponse) -> None:
    settings.DEBUG, settings.DEMO = True, True
    show: Any = own_error_pages(Trouble(answer))
    ours = show(RequestFactory().get("/"))
    assert ours.status_code == answer.status_code
    assert b"traceback" not in ours.content
    assert b"<h1>" in ours.content
    settings.DEMO = False
    assert show(RequestFactory().get("/")) is answer


def test_an_address_without_a_page_is_ours_in_the_demo(client: Client, settings: Settings) -> None:
    settings.DEBUG, settings.DEMO = True, True
    answer = client.get("/nowhere/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert client.get("/devices").status_code == 301  # a forgotten slash is still mended


def test_a_page_of_ours_that_answers_404_stays_as_it_is(settings: Settings) -> None:
    settings.DEBUG, settings.DEMO = True, True
    gone = HttpResponse("sold", status=404)
    assert own_error_pages(Trouble(gone))(RequestFactory().get("/")) is gone
