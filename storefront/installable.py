"""The site as an app on a phone: its manifest, and the service worker with the list of what it keeps."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from storefront import styles

WORKER = Path(settings.BASE_DIR) / "static" / "js" / "service-worker.js"
OFFLINE = Path(settings.BASE_DIR) / "templates" / "offline.html"
FONT = "/static/fonts/inter-5.3.woff2"  # as in base.css: its version stands in its name
PAPER = "#f6f4ef"
ICONS = (("app-192", 192, "any"), ("app-512", 512, "any"), ("app-maskable-512", 512, "maskable"))


def manifest() -> dict[str, Any]:
    """What an installed Xinzu is called and looks like, in the language of the moment."""
    return {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "lang": translation.get_language(),
        "dir": "ltr",
        "name": _("Xinzu: devices by the month"),
        "short_name": _("Xinzu"),
        "description": _("Devices to rent by the month: the whole price first, the deposit by your credit."),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "categories": ["shopping", "finance"],
        "icons": [_icon(*icon) for icon in ICONS],
        "shortcuts": [_shortcut(_("My leases"), "leases"), _shortcut(_("Find devices"), "devices")],
    }


def worker() -> str:
    """The service worker's text. Another style sheet or offline page makes other bytes, and so a new worker."""
    code, page, addresses = WORKER.read_text(encoding="utf-8"), OFFLINE.read_text(encoding="utf-8"), kept()
    version = hashlib.sha256("".join([code, page, *addresses]).encode()).hexdigest()[:12]
    return f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(addresses)};\n{code}"


def kept() -> list[str]:
    """Addresses of files that are the same for everybody."""
    sheet = reverse("storefront:stylesheet", args=[styles.version(styles.text())])
    return [sheet, FONT, static("img/mark.svg"), static("js/installable.js"), static("img/app-192.png")]


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {
        "src": static(f"img/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose,
    }  # fmt: skip


def _shortcut(name: str, page: str) -> dict[str, Any]:
    return {"name": name, "url": reverse(f"storefront:{page}"), "icons": [_icon(*ICONS[0])]}
