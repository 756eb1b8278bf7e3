"""Writes docs/api.yaml from the addresses and shapes of the API; a test fails when the committed one differs."""

import io
from contextlib import redirect_stderr
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation


class Command(BaseCommand):
    help = "Write docs/api.yaml from the API's code."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "api.yaml"
        target.write_text(render(), encoding="utf-8")
        self.stdout.write(f"written: {target.relative_to(settings.BASE_DIR)}")


def render() -> str:
    """The whole file, valid by the rules of OpenAPI. CommandError for anything that the generator had to guess."""
    from drf_spectacular.drainage import GENERATOR_STATS
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.renderers import OpenApiYamlRenderer
    from drf_spectacular.validation import validate_schema

    GENERATOR_STATS.reset()
    said = io.StringIO()
    with translation.override("en"), redirect_stderr(said):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    if GENERATOR_STATS:
        raise CommandError(said.getvalue())
    validate_schema(schema)
    return bytes(OpenApiYamlRenderer().render(schema, renderer_context={})).decode()
