"""The Chinese catalog knows every text of the source, translates it whole, and keeps its placeholders."""

import re
from functools import cache

from babel.messages import Catalog

from rental.management.commands import messages
from tests.architecture.sources import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d|\{\w+\}")


@cache
def source() -> Catalog:
    return messages.template(ROOT)


@cache
def chinese() -> Catalog:
    return messages.read(messages.catalog_path(ROOT))


def keys(catalog: Catalog) -> set[tuple[object, object]]:
    return {(message.id, message.context) for message in catalog if message.id}


def lost_placeholders(catalog: Catalog) -> list[str]:
    """Translations that name another set of placeholders than their text. Chinese has one form for all numbers."""
    lost = []
    for message in catalog:
        texts = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        answers = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        wanted = set(PLACEHOLDER.findall(" ".join(texts)))
        lost += [
            str(answer)
            for answer in answers
            if answer and message.id and set(PLACEHOLDER.findall(str(answer))) != wanted
        ]
    return lost


def test_the_source_has_texts() -> None:
    assert len(source()) > 50


def test_every_text_is_in_the_catalog_and_nothing_else() -> None:
    assert keys(chinese()) == keys(source())


def test_every_text_is_translated_and_none_is_fuzzy() -> None:
    assert not chinese().fuzzy
    assert messages.untranslated(chinese()) == []


def test_no_translation_loses_a_placeholder() -> None:
    assert lost_placeholders(chinese()) == []


def test_planted_faults_are_seen() -> None:
    planted = Catalog(locale="zh_Hans", fuzzy=False)
    planted.add("Pay %(amount)s", string="支付")
    planted.add("Sign", string="")
    planted.add("Ship", string="发货", flags=["fuzzy"])
    planted.add(("%(n)s day", "%(n)s days"), string=("%(n)s 天",))
    assert lost_placeholders(planted) == ["支付"]
    assert messages.untranslated(planted) == ["Sign", "Ship"]
