"""A worker never sees a message of the demo's broker before it is whole."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem
from kombu.utils.json import dumps

from rental import filebroker
from rental.celery import app as celery_app


def channel(kind: Any, folder: Path) -> Any:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection(transport=kind, transport_options=options).channel()


def test_a_message_is_not_found_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = channel(filebroker.Transport, tmp_path)
    seen: list[str] = []
    replace = Path.replace

    def look_first(draft: Path, target: Path) -> Path:
        with pytest.raises(Empty):
            ours._get("celery")
        seen.append(draft.name)
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", look_first)
    ours._put("celery", {"n": 1})
    assert len(seen) == 1
    assert ours._get("celery") == {"n": 1}
    with pytest.raises(Empty):
        ours._get("celery")


def test_without_it_a_half_message_ends_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = channel(filesystem.Transport, tmp_path)

    def look_first(payload: Any) -> str:
        with pytest.raises(ValueError, match="Expecting value"):
            theirs._get("celery")
        return str(dumps(payload))

    monkeypatch.setattr(filesystem, "dumps", look_first)
    theirs._put("celery", {"n": 1})


def test_each_queue_gives_its_own_messages(tmp_path: Path) -> None:
    ours = channel(filebroker.Transport, tmp_path)
    for n in range(3):
        ours._put("celery", {"n": n})
        ours._put("other", {"n": -1})
    assert {ours._get("celery")["n"] for _ in range(3)} == {0, 1, 2}


def test_the_demo_uses_it() -> None:
    assert celery_app.conf.broker_url == "filesystem://"
    assert isinstance(celery_app.connection().transport, filebroker.Transport)
