"""Terms in, PDF bytes out. One document holds the Chinese text, which decides, and after it the English one if agreed.

Both editions and the signature page are one file under the same signatures, so what an English reader read is what was
signed. WeasyPrint is imported on use: it needs pango on the machine.
Measured on two shared cores: 12 months in both languages, 14 pages, 250 KB, 1.9 s at best, 3 s on a busy machine.
"""

from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any

from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from contracts.paper import addenda, figures, fonts, summary
from contracts.paper.addenda import Addendum
from contracts.rules.terms import ENGLISH, AgreementTerms
from core.errors import DomainError

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
TEXT_VERSIONS = ("2026-11",)
_thread = local()  # pango's font maps are no thread's but their own


class PrinterMissing(DomainError):
    code = "printer_missing"
    message = _("PDFs cannot be made on this machine: install pango (Debian: libpango-1.0-0 libpangoft2-1.0-0).")


class UnknownTextVersion(DomainError):
    code = "unknown_text_version"
    message = _("This installation does not hold the contract text of version %(version)s.")


@dataclass(frozen=True, slots=True)
class Edition:
    language: str
    html: SafeString


def agreement(terms: AgreementTerms | Addendum) -> bytes:
    """The agreement, or a paper that follows one, as unsigned PDF.

    UnprintableCharacter names what no font has; PrinterMissing names the package to install; UnknownTextVersion
    refuses terms that belong to other clauses than ours. The last page holds the places of the two signatures.
    """
    editions = [Edition(language, edition(terms, language)) for language in terms.languages]
    page = {
        "editions": editions,
        "css": mark_safe((TEMPLATES / "documents/agreement.css").read_text("utf-8")),  # noqa: S308 - our own file
        "bilingual": ENGLISH in terms.languages,
        "number": terms.number,
        "platform": terms.platform,
        "digest": terms.sha256(),
    }
    if isinstance(terms, AgreementTerms):
        return to_pdf(_fill("documents/agreement.html", page))
    chinese, _english = addenda.TITLES[type(terms)]
    named = {"title": chinese, "alone": isinstance(terms, addenda.ALONE)}
    return to_pdf(_fill("documents/addendum.html", page | named))


def edition(terms: AgreementTerms | Addendum, language: str) -> SafeString:
    """The whole text in one language as HTML, everything from the terms escaped: the page to read before signing."""
    if terms.text_version not in TEXT_VERSIONS:
        raise UnknownTextVersion(version=terms.text_version)
    if not isinstance(terms, AgreementTerms):
        return _fill(addenda.template(terms, language), addenda.printed(terms, language))
    printed = figures.of(terms, language)
    rows = summary.key_terms(terms, language)
    context = {"t": terms, "key_terms": rows, "bilingual": ENGLISH in terms.languages, **printed}
    return _fill(f"documents/agreement/{language}.html", context)


def paper(template: str, values: dict[str, Any]) -> bytes:
    """Any other paper of the house, from its own template, in the agreements' style; everything is escaped."""
    css = mark_safe((TEMPLATES / "documents/agreement.css").read_text("utf-8"))  # noqa: S308 - our own file
    return to_pdf(_fill(template, values | {"css": css}))


def to_pdf(html: str) -> bytes:
    """Any of our documents as PDF, set in the bundled fonts only."""
    fonts.require(_words(html))
    page = _printer()(string=html, url_fetcher=_fetcher(), base_url=None)
    printed: bytes = page.write_pdf(font_config=_set_fonts(), finisher=_share)
    return printed


def _fill(name: str, values: dict[str, Any]) -> SafeString:
    return _engine().get_template(name).render(Context(values, use_l10n=False, use_tz=False))


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], autoescape=True)


def _printer() -> Any:
    try:
        import weasyprint
    except OSError as error:
        raise PrinterMissing from error
    return weasyprint.HTML


def _set_fonts() -> "FontConfiguration":
    """The fonts as this thread found and set them for its first paper: finding them anew is a quarter of a printing."""
    from weasyprint.text.fonts import FontConfiguration

    if not hasattr(_thread, "fonts"):
        _thread.fonts = FontConfiguration()
    kept: FontConfiguration = _thread.fonts
    return kept


def _share(_document: Any, pdf: Any) -> None:
    """Fonts stand at the tree of pages, not at each page: who verifies a signature walks every way to every object."""
    pages = [each for each in pdf.objects if isinstance(each, dict) and each.get("Type") == "/Page"]
    named = {bytes(page["Resources"]) for page in pages}
    if len(named) == 1:
        pdf.pages["Resources"] = pages[0]["Resources"]
        for page in pages:
            del page["Resources"]


def _fetcher() -> "URLFetcher":
    """Only the bundled fonts and data: addresses; anything else stops the printing before anything is opened."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Bundled(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            scheme, _colon, name = url.partition(":")
            if scheme == "data":
                return super().fetch(url, headers)
            if scheme == "bundled" and name in _bundled():
                return URLFetcherResponse(url, _bundled()[name].read_bytes(), {"Content-Type": "font/otf"})
            raise FatalURLFetchingError(f"a document may not fetch {url}")

    return Bundled(allowed_protocols=("data", "bundled"))


def _bundled() -> dict[str, Path]:
    files = {path.name: path for path in (fonts.REGULAR, fonts.BOLD, fonts.SONG)}
    return {**files, "rare": fonts.rare() or fonts.REGULAR}


def _words(html: str) -> str:
    words = _Words()
    words.feed(html)
    words.close()
    return "".join(words.seen)


class _Words(HTMLParser):
    """What a page shows: its text without style sheets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.seen.append(data)
