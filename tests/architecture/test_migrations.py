"""Migrations are named by hand, complete, and leave the database with the edges that the models declare."""

import io
import re

import pytest
from django.core.management import call_command

from tests.architecture.sources import ROOT

BY_MACHINE = re.compile(r"_auto_\d|^\d{4}_(alter|remove|rename|add)_.*_and_more$")


def named_by_machine(name: str) -> bool:
    return bool(BY_MACHINE.search(name))


def test_every_migration_has_a_name_of_its_own() -> None:
    names = [path.stem for path in ROOT.glob("*/migrations/0*.py")]
    assert names
    assert [name for name in names if named_by_machine(name)] == []


def test_a_machine_made_name_is_seen() -> None:
    assert named_by_machine("0002_auto_20261123_0600")
    assert named_by_machine("0003_alter_order_state_and_more")
    assert not named_by_machine("0002_guards")


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())
