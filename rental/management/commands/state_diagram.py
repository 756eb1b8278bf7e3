"""Draws docs/states.md from the transitions of the models; a test fails when the committed drawing differs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import models

from core import states

HEAD = """# States

Drawn from the transitions of the models by `python3 run.py manage state_diagram`: change a transition, draw again.
"""


class Command(BaseCommand):
    help = "Draw docs/states.md from the models' transitions."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "states.md"
        target.write_text(render(), encoding="utf-8")
        self.stdout.write(f"written: {target.relative_to(settings.BASE_DIR)}")


def render() -> str:
    """The whole page, machines in the order of their names."""
    return "\n".join([HEAD, *(_drawing(name, model) for name, model in sorted(states.machines().items()))])


def _drawing(name: str, model: type[models.Model]) -> str:
    verbs = states.names(model)
    births = sorted(target for source, target in states.steps(model) if not source)
    arrows = [f"    {source} --> {target} : {verb}" for (source, target), verb in sorted(verbs.items())]
    ends = sorted({target for _, target in verbs} - {source for source, _ in verbs})
    lines = [
        f"## {name}",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    [*] --> {state}" for state in births),
        *arrows,
        *(f"    {state} --> [*]" for state in ends),
        "```",
        "",
    ]
    return "\n".join(lines)
