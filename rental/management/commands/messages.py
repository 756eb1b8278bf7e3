"""Brings locale/zh_Hans up to the source: new texts in, dropped ones out, translations kept (Babel's, no gettext)."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from babel.messages import Catalog, pofile
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

LAZY = {f"{word}_lazy": DEFAULT_KEYWORDS[word] for word in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = {**DEFAULT_KEYWORDS, **LAZY}
NOT_OURS = {"tests", "launcher", "bench", "var", ".venv", "migrations"}
LINE_WIDTH = 120
Extracted = tuple[int, str, Any, list[str]]  # line, function, texts, comments


class Command(BaseCommand):
    help = "Update locale/zh_Hans/LC_MESSAGES/django.po; fails when a text has no translation yet."

    def handle(self, *args: Any, **options: Any) -> None:
        path = catalog_path(settings.BASE_DIR)
        catalog = read(path) if path.exists() else Catalog(locale="zh_Hans", fuzzy=False)
        catalog.update(template(settings.BASE_DIR), no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            pofile.write_po(file, catalog, width=LINE_WIDTH, sort_by_file=True, include_lineno=False)
        missing = untranslated(catalog)
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {len(catalog)} texts, {len(missing)} untranslated")
        if missing:
            raise CommandError("untranslated: " + " | ".join(missing[:10]))


def catalog_path(root: Path) -> Path:
    return root / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file, locale="zh_Hans")


def template(root: Path) -> Catalog:
    """Every text of the project's Python files and templates."""
    found = Catalog(fuzzy=False)
    for path in _sources(root):
        for _, function, texts, comments in _texts(path):
            context, ids = _ids(function, texts)
            if ids:
                found.add(
                    ids, locations=[(path.relative_to(root).as_posix(), 0)], auto_comments=comments, context=context
                )
    return found


def untranslated(catalog: Catalog) -> list[str]:
    """Texts without a translation, and those that Babel would leave out because they are marked fuzzy."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(_forms(message.string)) or not _forms(message.string))
    ]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _sources(root: Path) -> Iterator[Path]:
    for pattern in ("*.py", "*.html", "*.txt"):
        for path in sorted(root.rglob(pattern)):
            parts = path.relative_to(root).parts
            if not NOT_OURS & set(parts) and (path.suffix == ".py" or "templates" in parts):
                yield path


def _texts(path: Path) -> Iterator[Extracted]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":  # as Django's makemessages: the template's tags as Python calls; its indents mean nothing
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    found = extract_python(io.BytesIO(text.encode()), KEYWORDS, ("Translators:",), {"encoding": "utf-8"})
    yield from cast("Iterator[Extracted]", found)  # Babel's annotation names another order than it yields


def _ids(function: str, texts: Any) -> tuple[str | None, str | tuple[str, ...]]:
    """(context, id or ids) of one call, by the shape of its function: `pgettext` has a context, `ngettext` a plural."""
    shape = KEYWORDS.get(function) or (1,)
    given = texts if isinstance(texts, (list, tuple)) else [texts]
    places = [place for place in shape if isinstance(place, int)]
    contexts = [place[0] for place in shape if isinstance(place, tuple)]
    words = [given[place - 1] for place in places if place <= len(given)]
    if not words or not all(isinstance(word, str) and word for word in words):
        return None, ""
    return (given[contexts[0] - 1] if contexts else None), (words[0] if len(words) == 1 else tuple(words))
