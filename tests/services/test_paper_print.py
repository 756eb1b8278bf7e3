"""The printed agreement: everything stated, in both languages, no silent boxes, nothing fetched, nothing injected."""

import builtins
import io
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from contracts.paper import fonts, render, summary
from contracts.rules import terms as t
from tests import agreements


def words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture(scope="module")
def bilingual() -> str:
    return words(render.agreement(agreements.terms()))


STATED = [
    "设备租赁合同", "XZ-20261122-0417", "林知夏", "杭州拾光数码科技有限公司", "青禾Q7Pro", "¥8,999.00", "¥9,999.00",
    "¥541.83", "¥6,501.96", "¥12,798.06", "¥4,000.00", "¥3,200.00", "¥800.00", "¥9,690.42", "¥6,296.10", "35.6%",
    "42.0%", "0.03%", "¥0.16", "¥108.36", "¥17.81", "反悔期", "电子签名法", "第十三条", "个人信息",
    "屏幕碎裂", "¥1,580.00",
    "以中文本为准", "Deviceleaseagreement", "theChinesetextdecides", "Crackedscreenglass", "Neverabove", "签署页",
]  # fmt: skip


@pytest.mark.parametrize("fact", STATED)
def test_the_paper_states(fact: str, bilingual: str) -> None:
    # 541.83 × 0.0003 = 0.16; floor(541.83 × 0.20) = 108.36; 541.83 × 12 / 365 = 17.81
    assert fact.lower() in bilingual.lower()


def test_the_chinese_paper_holds_no_english_edition() -> None:
    text = words(render.agreement(agreements.terms(languages=("zh",))))
    assert "第十六条" in text
    assert "Leaseagreement" not in text


def test_every_kind_of_lease_prints_in_both_languages() -> None:
    owning = agreements.terms(
        lease_model=t.LeaseModel.RENT_TO_OWN,
        total_to_own=agreements.RENT * 12,
        buyout_prices=(*agreements.prices()[:-1], Decimal("0.00")),
    )
    paid = replace(agreements.terms().deposit, kind=t.DepositKind.PAID)
    covered = tuple(replace(bill, cover=Decimal("12.00")) for bill in agreements.terms().bills)
    bought = agreements.return_only(
        bills=covered, cover_name="意外保障", total_to_return=agreements.RENT * 12 + 144, deposit=paid
    )
    assert "租满归你" in words(render.agreement(owning))
    assert "不含购买设备的选择" in words(render.agreement(bought))
    assert "2026年12月1日" in words(render.agreement(agreements.short()))


def test_the_boxes_to_tick_say_what_the_first_page_says(bilingual: str) -> None:
    for language in ("zh", "en"):
        for row in summary.key_terms(agreements.terms(), language):
            assert "".join(row.text.split()) in bilingual
    codes = tuple(row.code for row in summary.key_terms(agreements.terms(), "zh"))
    assert codes == t.confirmations(agreements.terms())


def test_html_in_a_name_is_printed_and_not_obeyed() -> None:
    hostile = '<script>alert(1)</script><img src="file:///etc/passwd">{{ t.number }}'
    html = render.edition(agreements.terms(lessee=agreements.lessee(hostile)), "zh")
    assert "<script>" not in html
    assert "<img" not in html
    assert "alert(1)" in words(render.agreement(agreements.terms(lessee=agreements.lessee(hostile))))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/x.png", "bundled:../models.py", "ftp://a/b"])
def test_only_bundled_files_and_data_addresses_are_fetched(url: str) -> None:
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError, match="may not fetch"):
        render.to_pdf(f'<p>x</p><img src="{url}">')


def test_a_long_name_stays_on_the_paper() -> None:
    name = "阿卜杜热合曼·买买提依明" * 12
    assert name in words(render.agreement(agreements.terms(lessee=agreements.lessee(name))))


def test_a_character_that_no_font_has_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "rare", lambda: None)
    with pytest.raises(fonts.UnprintableCharacter) as refused:
        render.agreement(agreements.terms(lessee=agreements.lessee("古力娜𱍐")))
    assert "U+31350" in refused.value.params["characters"]


def test_a_rare_name_is_set_from_the_full_font_when_it_is_there() -> None:
    if fonts.rare() is None:
        pytest.skip("the optional package pylopdf-fonts-zh-cn is not installed")
    text = words(render.agreement(agreements.terms(lessee=agreements.lessee("刘龑"))))
    assert "刘龑" in text


def test_common_rare_names_need_no_extra_font() -> None:
    assert fonts.lacking("喆堃昇媛珺祎㛃淼犇·（）「」ÄÖÜéñ") == set()


def test_the_song_font_holds_every_title_and_clause_head() -> None:
    for language in ("zh", "en"):
        html = render.edition(agreements.terms(), language)
        heads = "".join(re.findall(r"<h[13]>(.*?)</h[13]>", html))
        assert {c for c in heads if not c.isspace()} <= fonts.coverage(fonts.SONG)


def test_fonts_are_found_once_for_all_papers_of_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.text.fonts import FontConfiguration

    first = words(
        render.to_pdf("<style>@font-face{font-family:P;src:url(bundled:rare)} p{font:9pt P}</style><p>龙</p>")
    )
    monkeypatch.setattr(FontConfiguration, "__init__", lambda self: pytest.fail("fonts are looked for again"))
    assert words(render.to_pdf("<p>second</p>")) == "second"
    assert first == "龙"


def test_the_pages_of_a_paper_share_their_fonts() -> None:
    pdf = PdfReader(io.BytesIO(render.to_pdf('<p>one</p><p style="break-before: page">two</p>')))
    tree: Any = pdf.trailer["/Root"]["/Pages"]  # type: ignore[index]
    assert "/Font" in tree["/Resources"]
    assert [page.get_object().get("/Resources") for page in tree["/Kids"]] == [None, None]
    assert [page.extract_text().strip() for page in pdf.pages] == ["one", "two"]


def test_a_stamp_takes_its_own_glyphs_along_and_no_others() -> None:
    chosen = fonts.with_only("合同 7", fonts.REGULAR)
    with TTFont(io.BytesIO(chosen)) as face:
        assert sorted(map(chr, face.getBestCmap())) == [" ", "7", "合", "同"]
        assert not set(fonts.LAYOUT) & set(face.keys())
    assert len(chosen) < 10_000 < fonts.REGULAR.stat().st_size


def test_a_machine_without_pango_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without_pango(name: str, *rest: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(render.PrinterMissing):
        render.to_pdf("<p>x</p>")


def test_terms_of_another_text_version_are_refused() -> None:
    with pytest.raises(render.UnknownTextVersion):
        render.agreement(agreements.terms(text_version="2031-01"))
