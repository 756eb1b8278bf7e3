"""What the guide reads from the files themselves, so that it shows all of it: colours, type, icons, drawings."""

import re
from pathlib import Path

from django.conf import settings

from storefront import styles

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
NOT_A_DEVICE = {"scene", "unplugged"}


def colours() -> list[tuple[str, str, str]]:
    """(name, light, dark) of every colour token."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", _tokens())
    return [*found, *((name, value, value) for name, value in re.findall(r"--([\w-]+): (#\w+);", _once()))]


def type_steps() -> list[str]:
    return list(dict.fromkeys(re.findall(r"--t-(\d+):", _tokens())))


def icons() -> list[str]:
    text = (COMPONENTS / "icon.html").read_text(encoding="utf-8")
    return re.findall(r'name == "([\w-]+)"', text)


def drawings() -> list[str]:
    names = sorted(file.stem for file in (COMPONENTS / "drawings").glob("*.html"))
    return [name for name in names if name not in NOT_A_DEVICE]


def _tokens() -> str:
    return (styles.FOLDER / "tokens.css").read_text(encoding="utf-8")


def _once() -> str:
    """The tokens without what older browsers get instead."""
    return _tokens().split("@supports")[0]
