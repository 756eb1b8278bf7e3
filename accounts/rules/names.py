"""Names as they stand on a resident identity card."""

import re
import unicodedata

_DOTS = re.compile(r"[·••・・‧∙⋅.]")
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")


def normalise(text: str) -> str:
    """ "阿依古丽•买买提" → "阿依古丽·买买提". ValueError unless it is 2 to 30 Han characters with inner dots."""
    name = _DOTS.sub("·", re.sub(r"\s+", "", unicodedata.normalize("NFC", text)))
    if not 2 <= len(name) <= 30 or not _NAME.fullmatch(name):
        raise ValueError("not a name as on a resident identity card")
    return name
