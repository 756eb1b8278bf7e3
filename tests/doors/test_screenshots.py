"""The picture taker says in one line what it misses; what it takes is small."""

import io

import pytest
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django import Settings

from rental.demo import scenes
from rental.management.commands import screenshots

NOWHERE = "http://127.0.0.1:1"


def test_without_a_running_demo_it_says_so(settings: Settings) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="nothing answers"):
        call_command("screenshots", "--site", NOWHERE)


def test_real_people_are_not_pictured(settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="demo only"):
        call_command("screenshots", "--site", NOWHERE)


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/chromium")
    with pytest.raises(CommandError, match="install one"):
        screenshots._browser_path()


@pytest.mark.django_db
def test_without_the_past_there_is_nothing_to_show() -> None:
    with pytest.raises(CommandError, match="no past yet"):
        screenshots._shots(kept_only=True, only=None)


def test_the_people_shown_are_in_the_stories() -> None:
    assert {len(scenes.phone(who)) for who in scenes.CUSTOMERS} == {11}


def test_a_picture_becomes_a_palette_of_the_same_size() -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "PNG")
    small = Image.open(io.BytesIO(screenshots._small(out.getvalue())))
    assert (small.mode, small.size) == ("P", (256, 256))
