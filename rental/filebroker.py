"""The demo's broker of files, whole or not at all.

Kombu's own makes a message's file before it writes it. A worker that looks in between takes an empty message, calls it
an unrecoverable error and ends, and the demo with it (seen).
"""

import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # as Kombu's own
        """Written aside, then given the name by which `_get` finds it; names sort by age."""
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        draft = Path(self.data_folder_out) / f".{name}.draft"
        draft.write_text(dumps(payload), encoding="utf-8")
        draft.replace(draft.with_name(name))


class Transport(filesystem.Transport):
    Channel = Channel
