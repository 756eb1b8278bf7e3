"""Files and functions stay small enough to be read at once."""

import ast
import statistics
from collections.abc import Iterable

from tests.architecture import sources
from tests.architecture.sources import Source

FILE_LINES = 400
FUNCTION_LINES = 50
VIEW_LINES = 25
MEDIAN_LINES = 8
NINE_OF_TEN_LINES = 30
Function = ast.FunctionDef | ast.AsyncFunctionDef
VIEW_FOLDERS = ("storefront/", "portal/", "desk/", "api/")


def functions(source: Source) -> Iterable[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines of a function without its decorators and docstring."""
    documented = function.body[0] if ast.get_docstring(function, clean=False) is not None else None
    last = function.end_lineno or function.lineno
    docstring = (documented.end_lineno or 0) - documented.lineno + 1 if documented else 0
    return last - function.lineno + 1 - docstring


def long_files(files: Iterable[Source]) -> list[str]:
    return [source.path for source in files if len(source.text.splitlines()) > FILE_LINES]


def long_functions(files: Iterable[Source], limit: int) -> list[str]:
    return [f"{s.path}:{f.lineno}: {f.name} ({length(f)})" for s in files for f in functions(s) if length(f) > limit]


def is_view_file(source: Source) -> bool:
    return source.path.startswith(VIEW_FOLDERS) and "views" in source.path


def test_no_file_is_too_long() -> None:
    assert long_files(sources.everything()) == []


def test_no_function_is_too_long() -> None:
    assert long_functions(sources.everything(), FUNCTION_LINES) == []


def test_no_view_is_too_long() -> None:
    assert long_functions(filter(is_view_file, sources.product()), VIEW_LINES) == []


def test_most_functions_are_short() -> None:
    lengths = sorted(length(function) for source in sources.product() for function in functions(source))
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert lengths[len(lengths) * 9 // 10] <= NINE_OF_TEN_LINES


def test_a_planted_long_file_is_seen() -> None:
    assert long_files([Source.of("a.py", "x = 1\n" * 401)]) == ["a.py"]
    assert long_files([Source.of("a.py", "x = 1\n" * 400)]) == []


def test_a_planted_long_function_is_seen_and_its_docstring_is_free() -> None:
    body = '    """What\n    it says."""\n' + "    x = 1\n" * 49
    assert long_functions([Source.of("a.py", f"def f():\n{body}")], FUNCTION_LINES) == []
    assert long_functions([Source.of("a.py", f"def f():\n{body}    x = 2\n")], FUNCTION_LINES) == ["a.py:1: f (51)"]


def test_only_files_of_views_count_as_views() -> None:
    assert is_view_file(Source.of("storefront/views/orders.py", ""))
    assert not is_view_file(Source.of("orders/services/views.py", ""))
