"""What a page says to people: its texts with their language, without markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation

from catalog.models import ConditionGrade
from tests import make

CHINESE = re.compile(r"[\u4e00-\u9fff]")
MASKED = re.compile(r"[\u4e00-\u9fff]+\*+")
SILENT = {"script", "style"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SPOKEN = ("alt", "aria-label", "placeholder", "title")
SEALED = {make.NAME, "科苑路 15 号 3 栋 1201"}  # of `make.address`
THE_OTHER_LANGUAGE = {"zh": {"English"}, "en": {"中文"}}  # the switch


@dataclass
class _Reader(HTMLParser):
    """Collects (language, text) of everything that is shown or read out."""

    language: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)
    count: dict[str, int] = field(default_factory=dict)
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        language = named.get("lang", self._open[-1][1] if self._open else "")
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag == "html":
            self.language = language
        self.texts += [(language, named[name]) for name in SPOKEN if named.get(name)]
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open and self._open[-1][0] not in SILENT:
            self.texts.append((self._open[-1][1], " ".join(data.split())))


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def chinese_in_english(html: str, own_words: list[str]) -> list[str]:
    """Chinese of ours on an English page: not marked as Chinese, and not what people or merchants wrote themselves."""
    found = []
    for language, text in read(html).texts:
        if not language.startswith("zh"):
            for word in own_words:
                text = text.replace(word, "")  # noqa: PLW2901 - what is left of it
            if CHINESE.search(MASKED.sub("", text)):
                found.append(text)
    return found


def english_in_chinese(html: str) -> list[str]:
    """Texts of the catalog that stand untranslated on a Chinese page."""
    ids = untranslated_texts()
    return [text for language, text in read(html).texts if language != "en" and text in ids]


@cache
def untranslated_texts() -> frozenset[str]:
    """English texts of the catalog that read otherwise in Chinese."""
    path = Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po"
    with path.open("rb") as file:
        entries = list(read_po(file))
    ids = [tuple(entry.id) if isinstance(entry.id, (tuple, list)) else (entry.id,) for entry in entries if entry.id]
    same = {entry.id for entry in entries if entry.id == entry.string}
    return frozenset(
        str(text) for texts in ids for text in texts if text not in same and text not in THE_OTHER_LANGUAGE["zh"]
    )


def own_words() -> list[str]:
    """Everything Chinese that the database holds as text, the longest first: names, addresses, letters, reasons.

    And what it holds sealed, or what a paper in Chinese says of its device: a translation to read keeps such words.
    """
    found = {word for model in apps.get_models() for value in _texts(model) for word in _lines(value)}
    return sorted(found | SEALED | _conditions() | THE_OTHER_LANGUAGE["en"], key=len, reverse=True)


def _conditions() -> set[str]:
    with translation.override("zh-hans"):
        return {str(label) for label in ConditionGrade.labels}


def _texts(model: type[models.Model]) -> Iterator[str]:
    fields = [f.attname for f in model._meta.concrete_fields if isinstance(f, (models.CharField, models.TextField))]
    for row in model._default_manager.values_list(*fields) if fields else ():
        yield from (value for value in row if isinstance(value, str) and CHINESE.search(value))


def _lines(text: str) -> Iterator[str]:
    """The whole, each line, and the places of a region, of which a card shows the city alone."""
    yield " ".join(text.split())
    yield from (part for part in re.split("[省市区]", text) if CHINESE.search(part) and len(part) < 5)
    yield from (" ".join(line.split()) for line in text.splitlines() if CHINESE.search(line))
