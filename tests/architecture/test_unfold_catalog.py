"""Unfold's wheel has no Chinese: what neither Django's catalogs nor ours say is in rental/unfold_locale."""

import gettext
from functools import cache
from pathlib import Path

import django
import unfold
from babel.messages import Catalog

from launcher import environment
from rental.management.commands import messages
from tests.architecture.sources import ROOT
from tests.architecture.test_catalogs import lost_placeholders

CATALOG = ROOT / "rental/unfold_locale/zh_Hans/LC_MESSAGES/django.po"
DJANGO = Path(django.__file__).parent
DJANGO_APPS = ("conf", "contrib/admin", "contrib/auth")
NOT_INSTALLED = "contrib/"  # Unfold's skins for packages that we do not have


@cache
def own() -> Catalog:
    return messages.read(CATALOG)


@cache
def asked() -> frozenset[str]:
    """Every text that the installed Unfold asks gettext for; of a plural its first form."""
    found = messages.template(Path(unfold.__file__).parent)
    return frozenset(
        str(message.id[0] if isinstance(message.id, (tuple, list)) else message.id)
        for message in found
        if message.id and any(not place.startswith(NOT_INSTALLED) for place, _ in message.locations)
    )


@cache
def said_by_django() -> frozenset[str]:
    texts: set[str] = set()
    for app in DJANGO_APPS:
        with (DJANGO / app / "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
            known = vars(gettext.GNUTranslations(file))["_catalog"]
        texts |= {key[0] if isinstance(key, tuple) else key for key, translation in known.items() if translation}
    return frozenset(texts)


def said(catalog: Catalog) -> set[str]:
    return {str(m.id[0] if isinstance(m.id, (tuple, list)) else m.id) for m in catalog if m.id}


def test_unfold_asks_for_many_texts() -> None:
    assert len(asked()) > 100


def test_every_text_of_unfold_has_chinese() -> None:
    assert sorted(asked() - said_by_django() - said(own())) == []


def test_the_catalog_holds_nothing_that_unfold_does_not_ask_for() -> None:
    assert sorted(said(own()) - asked()) == []


def test_the_catalog_is_whole() -> None:
    assert not own().fuzzy
    assert messages.untranslated(own()) == []
    assert lost_placeholders(own()) == []


def test_the_launcher_compiles_what_django_reads() -> None:
    from django.conf import settings

    assert [ROOT / place for place in environment.CATALOGS] == settings.LOCALE_PATHS
