"""The style guide shows every component there is, adds up, asks nothing, and stays away from a real site."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from rental.styleguide import examples, found
from rental.templatetags import styleguide as tags
from storefront import styles

PAGE = "/styleguide/"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def client(db: None, settings: Any) -> Client:
    settings.DEMO = True
    return Client()


@pytest.mark.parametrize(("demo", "debug", "status"), [(True, False, 200), (False, True, 200), (False, False, 404)])
def test_it_is_there_in_the_demo_and_while_developing_only(
    db: None, settings: Any, demo: bool, debug: bool, status: int
) -> None:
    settings.DEMO, settings.DEBUG = demo, debug
    assert Client().get(PAGE).status_code == status
    assert Client().post(PAGE).status_code == 405


def test_every_component_is_shown(client: Client) -> None:
    """Whoever adds a template to templates/components shows it in templates/styleguide, in each of its states."""
    shown = {template.name for template in client.get(PAGE).templates}
    folder = found.COMPONENTS
    there = {f"components/{file.relative_to(folder).as_posix()}" for file in folder.rglob("*.html")}
    assert sorted(there - shown) == []
    assert {"office/todo_card.html", "office/menu.html"} <= shown


def test_every_icon_drawing_and_colour_is_named(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    names = [*found.icons(), *found.drawings(), *(name for name, _light, _dark in found.colours())]
    assert len(names) > 60
    assert [name for name in names if f">{name}<" not in page] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_asks_the_database_nothing(client: Client, language: str, django_assert_num_queries: Any) -> None:
    client.get(PAGE)
    with django_assert_num_queries(0):
        page = client.get(PAGE, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in page.content.decode()


def test_light_and_dark_are_the_same_example_with_whole_references(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    names = re.findall(r'\sid="([^"]+)"', page)
    assert sorted({name for name in names if names.count(name) > 1}) == []
    pointed = re.findall(r'\s(?:for|aria-labelledby)="([^"]+)"', page)
    assert sorted(set(pointed) - set(names)) == []
    labels = re.findall(r'<(?:nav|section)[^>]*\saria-label="([^"]+)"', page)
    assert sorted({label for label in labels if labels.count(label) > 1}) == []
    assert page.count('class="panel light"') == page.count('class="panel dark"') > 10


def test_the_figures_are_one_story_that_adds_up() -> None:
    cost = examples.COST
    assert cost.waived + cost.to_freeze == cost.deposit
    assert cost.first_payment + cost.to_freeze == cost.payable_now
    assert cost.monthly_payment * cost.months == cost.rents == cost.total_to_return
    assert cost.rents + (cost.last_buyout or 0) == cost.total_to_own
    assert cost.extra == examples.OWNED - cost.cash_price
    assert (str(examples.prices()[4]), examples.prices()[-1]) == ("4616.08", examples.BUYOUT)


def test_browsers_older_than_light_dark_get_the_same_light_colours() -> None:
    tokens = (styles.FOLDER / "tokens.css").read_text("utf-8").split("@supports")
    older = dict(re.findall(r"--([\w-]+): (#\w+);", tokens[1]))
    assert older == {name: light for name, light, dark in found.colours() if light != dark}


def test_the_english_page_speaks_english(client: Client) -> None:
    with translation.override("en"):
        page = client.get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    spoken = re.sub(r"<(\w+)[^>]*\slang=\"zh-Hans\"[^>]*>.*?</\1>", "", page)
    assert CHINESE.findall(spoken) == []


def test_the_dark_copy_changes_references_only() -> None:
    light = '<section class="id" aria-labelledby="x"><h2 id="x">A</h2><nav aria-label="Main"></nav></section>'
    assert tags.copied(light) == ('<section class="id"><h2 id="x-dark">A</h2><nav aria-label="Main *"></nav></section>')
