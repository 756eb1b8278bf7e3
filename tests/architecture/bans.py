"""What the house does not do, each as a function from a parsed file to the lines that do it."""

import ast
import fnmatch
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from tests.architecture.sources import Source

Finder = Callable[[Source], Iterator[int]]
CLOCKS = {
    ("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"), ("datetime", "now"),
    ("datetime", "today"), ("datetime", "utcnow"), ("date", "today"), ("time", "time"), ("time", "time_ns"),
}  # fmt: skip
NAMED_BY_A_FRAMEWORK = {
    "process_view", "process_exception", "process_request", "process_response", "process_template_response",
    "handle_starttag", "handle_startendtag", "handle_endtag", "handle_data", "handle_request",
}  # fmt: skip
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "data", "info", "misc", "common"}
SIGNALS = {"django.db.models.signals", "django.dispatch", "django.core.signals"}
PLAIN = {"django", "django_fsm", "celery", "httpx", "rest_framework"}


@dataclass(frozen=True)
class Ban:
    """`find` gives the offending lines of a file that none of the `allowed` patterns names."""

    name: str
    find: Finder
    allowed: tuple[str, ...] = ()
    only: tuple[str, ...] = ("*",)

    def complaints(self, source: Source) -> list[str]:
        if _named(source.path, self.allowed) or not _named(source.path, self.only):
            return []
        return [f"{source.path}:{line}: {self.name}" for line in self.find(source)]


def clock_readings(source: Source) -> Iterator[int]:
    """Python's clock, Django's, and the database's; `db_default=Now()` only notes when a row was written."""
    recorded = {id(node.value) for node in ast.walk(source.tree) if _is_default(node)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in CLOCKS:
            yield node.lineno
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield node.lineno
        if isinstance(node, ast.Call) and _last_name(node.func) == "Now" and id(node) not in recorded:
            yield node.lineno


def clock_imports(source: Source) -> Iterator[int]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            names = {name.name for name in node.names}
            if (node.module == "core" and "clock" in names) or node.module == "core.clock":
                yield node.lineno
        if isinstance(node, ast.Import) and any(name.name == "core.clock" for name in node.names):
            yield node.lineno


def own_rounding(source: Source) -> Iterator[int]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in {"round", "float"}:
                yield node.lineno
            if isinstance(called, ast.Attribute) and called.attr == "quantize":
                yield node.lineno


def state_updates(source: Source) -> Iterator[int]:
    """`.update(state=…)` and `bulk_update(…, ["state"])` walk past the transitions."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in {"update", "aupdate"} and any(keyword.arg == "state" for keyword in node.keywords):
            yield node.lineno
        if node.func.attr == "bulk_update" and any(
            isinstance(part, ast.Constant) and part.value == "state" for part in ast.walk(node)
        ):
            yield node.lineno


def swallowed_errors(source: Source) -> Iterator[int]:
    """Bare except and `except Exception`, unless the block ends by raising."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler) or isinstance(node.body[-1], ast.Raise):
            continue
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(kind is None or _last_name(kind) in {"Exception", "BaseException"} for kind in kinds):
            yield node.lineno


def promises(source: Source) -> Iterator[int]:
    words = re.compile(r"#.*\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for number, line in enumerate(source.text.splitlines(), start=1):
        if words.search(line):
            yield number


def hidden_effects(source: Source) -> Iterator[int]:
    """Signals anywhere; `save` and `delete` of a model overridden."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            whole = {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
            if whole & SIGNALS:
                yield node.lineno
        if isinstance(node, ast.ClassDef) and any(_last_name(base).endswith("Model") for base in node.bases):
            yield from (
                part.lineno
                for part in node.body
                if isinstance(part, ast.FunctionDef) and part.name in {"save", "delete", "full_clean"}
            )


def empty_names(source: Source) -> Iterator[int]:
    if EMPTY_NAMES & set(source.path.removesuffix(".py").split("/")):
        yield 1
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef) or node.name in NAMED_BY_A_FRAMEWORK:
            continue
        if node.name.lstrip("_").startswith(("process_", "handle_")):
            yield node.lineno


def printing(source: Source) -> Iterator[int]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "breakpoint"}:
            yield node.lineno


def framework_imports(source: Source) -> Iterator[int]:
    for name, line in imported(source):
        if name.split(".")[0] in PLAIN or ".models" in name or ".services" in name or name.startswith("core.clock"):
            yield line


def imported(source: Source) -> Iterator[tuple[str, int]]:
    """(full name, line) of everything that a file imports."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def _named(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def _is_default(node: ast.AST) -> TypeGuard[ast.keyword]:
    return isinstance(node, ast.keyword) and node.arg == "db_default"


def _last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


DOORS = (
    "storefront/*", "portal/*", "desk/*", "api/*", "rental/*", "*/admin.py", "*/tasks.py", "*/management/commands/*",
    "*/middleware.py", "core/context.py", "core/consumers.py", "core/clock.py", "sandbox/*", "integrations/*",
)  # fmt: skip
RULES = ("*/rules/*", "*/rules.py", "core/money.py", "core/calendar.py")

BANS = (
    Ban("time is an argument; only core.clock reads the clock", clock_readings, allowed=("core/clock.py",)),
    Ban("only doors read the clock", clock_imports, allowed=DOORS),
    Ban(
        "only core.money rounds",
        own_rounding,
        allowed=("core/money.py", "core/templatetags/xinzu.py", "sandbox/wire.py"),
    ),
    Ban("states change by transitions", state_updates),
    Ban("errors are not swallowed", swallowed_errors, allowed=("core/running.py",)),  # there they become rows
    Ban("no promises in comments", promises),
    Ban("no signals, no save() of our own", hidden_effects),
    Ban("names say something", empty_names),
    Ban("nothing prints", printing),
    Ban("rules are plain Python", framework_imports, only=RULES),
)
