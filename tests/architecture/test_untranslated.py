"""Every word that a page shows goes through gettext, or stands in an element that names its language."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture import sources

OWN_LANGUAGE = ("/documents/", "/messages/")  # an agreement is written in one language each; messages have their own
SHOWN = {"alt", "title", "aria-label", "aria-description", "placeholder", "label", "content"}
NOT_READ = {"script", "style", "code", "kbd", "samp", "data"}
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "rect", "circle", "ellipse", "use", "line", "col"}
LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]")
SAME_IN_BOTH = re.compile(r"\b(?:IMEI|PDF|SHA-256|M\d)\b")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MACHINE = {("meta", "viewport"), ("meta", "color-scheme"), ("meta", "theme-color"), ("meta", "robots")}

CLASSES = re.compile(r"\{% block \w*class %\}.*?\{% endblock[^%]*%\}", re.DOTALL)  # of an element outside, in Unfold
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
BLOCK = re.compile(r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)
TAG = re.compile(r"\{%\s*(?P<name>\w+)(?P<rest>.*?)%\}|\{\{(?P<value>.*?)\}\}", re.DOTALL)
MARKED = re.compile(r'_\("[^"]*"\)|\bclass="[^"]*"')
QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'')
NO_WORDS = {"translate", "trans", "load", "extends", "url", "static", "cycle", "get_current_language"}
PROSE = re.compile(r"[a-z][,.:!?]? |^[A-Z][a-z]+$")


class Reader(HTMLParser):
    """Collects what a reader would see of a template whose tags are gone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent: list[tuple[str, bool]] = []  # the open elements, and whether each excuses its content

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        is_named = "lang" in given and tag != "html"
        if not is_named and (tag, given.get("name")) not in MACHINE and "http-equiv" not in given:
            self.found += [value for name, value in given.items() if name in SHOWN and LETTERS.search(value)]
        if tag not in VOID:
            self._silent.append((tag, is_named or tag in NOT_READ))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._silent.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._silent and self._silent.pop()[0] != tag:
            """A branch of a template closed less than it opened."""

    def handle_data(self, data: str) -> None:
        if LETTERS.search(data) and not any(silent for _tag, silent in self._silent):
            self.found.append(data.strip())


def untranslated(text: str) -> list[str]:
    """Words of a template in no catalog: between its elements, in their attributes, and as arguments of its tags."""
    text = SAME_IN_BOTH.sub("", BLOCK.sub("", CLASSES.sub("", COMMENT.sub("", text))))
    said = [word for tag in TAG.finditer(text) for word in _arguments(tag)]
    reader = Reader()
    reader.feed(TAG.sub("", text))
    reader.close()
    return said + reader.found


def _arguments(tag: re.Match[str]) -> list[str]:
    """Literals that read like text: Chinese, words with a space after them, one capitalised word."""
    if tag["name"] in NO_WORDS:
        return []
    literals = [
        double or single for double, single in QUOTED.findall(MARKED.sub("", tag["rest"] or tag["value"] or ""))
    ]
    return [literal for literal in literals if CHINESE.search(literal) or PROSE.search(literal)]


def _name(page: Path) -> str:
    return page.relative_to(sources.ROOT).as_posix()


def test_every_word_of_a_page_is_in_the_catalogs() -> None:
    pages = [page for page in sources.templates() if _name(page).startswith("templates/")]
    asked = [page for page in pages if not any(part in page.as_posix() for part in OWN_LANGUAGE)]
    found = {_name(page): untranslated(page.read_text("utf-8")) for page in asked}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<p>Pay now</p>", "Pay now"),
        ("<p>{{ amount }} 元</p>", "元"),
        ('<a aria-label="Back" href="/">{{ x }}</a>', "Back"),
        ('<input placeholder="你的手机号">', "你的手机号"),
        ('<img alt="A phone" src="x.svg">', "A phone"),
        ('{% include "components/notice.html" with text="Saved" only %}', "Saved"),
        ('{{ word|default:"not yet known" }}', "not yet known"),
        ("<svg><text>Month</text></svg>", "Month"),
        ('<p lang="en">No network</p><p>Nothing</p>', "Nothing"),
    ],
)
def test_a_planted_word_is_seen(text: str, word: str) -> None:
    assert untranslated(text) == [word]


@pytest.mark.parametrize(
    "text",
    [
        '<p>{% translate "Pay now" %} {% blocktranslate trimmed %}Pay {{ x }}{% endblocktranslate %}</p>',
        '<p class="caption{% if late %} late{% endif %}">{{ amount }} × 12</p>',
        '<button lang="zh-Hans">中文</button>{# Words for us #}<script src="/static/js/x.js"></script>',
        '{% if state == "FAILED" %}{% state_badge word "late" %}{% endif %}{% drawing "phone" %}',
        '<meta name="viewport" content="width=device-width"><a class="on" href="/devices/">{{ name }}</a>',
    ],
)
def test_a_page_in_order_passes(text: str) -> None:
    assert untranslated(text) == []
