"""The image and the composition name only what exists: no engine is needed to see it."""

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from celery.bin.celery import celery
from django.core.management import CommandError, get_commands, load_command_class
from gunicorn.config import Config  # type: ignore[import-untyped]

from tests.architecture.sources import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "xinzu"}
ALWAYS = {"web", "worker", "beat", "relay", "migrate", "postgres", "redis"}
DEMO_ONLY = {"sandbox", "demo-data", "demo-past"}
NAMED = re.compile(r"^#? ?([A-Z_]+)=", re.MULTILINE)


def instruction(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", DOCKERFILE, re.MULTILINE)


def image_command() -> list[str]:
    command: list[str] = json.loads(instruction("CMD")[-1])
    return command


def understood(command: list[str]) -> bool:
    """The program's own parser takes the arguments, and what they name can be imported; the parser's error when not."""
    match command:
        case ["python", "manage.py", name, *rest]:
            known = load_command_class(get_commands()[name], name)
            known.create_parser("manage.py", name).parse_args(rest)
            return True
        case ["celery", "-A", app, name, *rest]:
            program = celery.commands[name]
            program.make_parser(click.Context(program)).parse_args(rest)
            return find_spec(f"{app}.celery") is not None
        case ["gunicorn", *rest]:
            module, _, attribute = Config().parser().parse_args(rest).args[0].partition(":")
            found = find_spec(module)
            return found is not None and attribute in Path(found.origin or "").read_text(encoding="utf-8")
    return False


def test_the_services_are_those_of_the_operations_page() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == ALWAYS
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["demo"]} == DEMO_ONLY
    assert set(SERVICES) == ALWAYS | DEMO_ONLY


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_each_service_is_understood(name: str) -> None:
    assert understood(OURS[name].get("command") or image_command())


@pytest.mark.parametrize(
    "command",
    [
        ["python", "manage.py", "relay", "--nonsense"],
        ["celery", "-A", "rental", "worker", "--nonsense"],
        ["gunicorn", "--nonsense", "rental.wsgi:application"],
    ],
)
def test_a_wrong_command_is_seen(command: list[str]) -> None:
    with pytest.raises((SystemExit, CommandError, click.UsageError)):
        understood(command)


def test_a_missing_program_is_seen() -> None:
    assert not understood(["uwsgi", "rental.wsgi"])
    with pytest.raises(KeyError):
        understood(["python", "manage.py", "relais"])
    assert not understood(["gunicorn", "rental.wsgi:app2"])


def test_every_wait_is_for_a_service_that_can_end_it() -> None:
    for name, service in SERVICES.items():
        for other, wish in service.get("depends_on", {}).items():
            waited = SERVICES[other]
            if wish["condition"] == "service_healthy":
                assert "test" in waited["healthcheck"], (name, other)
            else:
                assert waited["restart"] == "no", (name, other)


def test_volumes_are_declared_and_used() -> None:
    used = {each.split(":")[0] for service in SERVICES.values() for each in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_every_variable_is_one_that_is_read() -> None:
    read = (ROOT / "rental/settings.py").read_text(encoding="utf-8")
    composed = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    given = {name for service in OURS.values() for name in service["environment"]}
    for file in (".env.example", "docker/demo.env"):
        given |= set(NAMED.findall((ROOT / file).read_text(encoding="utf-8")))
    assert sorted(name for name in given - composed if f'"{name}"' not in read) == []


def test_the_image_runs_as_nobody_in_particular_and_installs_by_hash() -> None:
    assert instruction("USER")[-1] == "xinzu"
    assert DOCKERFILE.rindex("\nUSER") > DOCKERFILE.rindex("\nRUN")
    assert "--require-hashes" in DOCKERFILE
    assert DOCKERFILE.count("\nFROM ") == 2
    assert (ROOT / shlex.split(instruction("COPY")[0])[0]).is_file()


def test_the_health_check_is_python() -> None:
    options, _, command = instruction("HEALTHCHECK")[0].partition("CMD ")
    program, flag, source = json.loads(command)
    assert (program, flag) == ("python", "-c")
    assert "timeout" in options
    compile(source, "HEALTHCHECK", "exec")
    assert "/api/health/" in source


def test_no_secret_goes_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".env", "var", ".venv"} <= set(ignored)
