"""Files and functions a reader can hold in mind. The lists of exceptions may only shrink."""

import ast

from tests.architecture.source import ROOT, modules, repository_files

FILE_LINES = 450
FUNCTION_LINES = 80
SOURCE = (".py", ".js", ".css", ".html")

# A migration is written once and never edited, so its length costs nobody anything.
HISTORY = "migrations/versions/"
LONG_FILES: dict[str, int] = {}  # path -> lines today
LONG_FUNCTIONS: dict[str, int] = {}  # path::function -> lines today


def _files() -> dict[str, int]:
    lines = {}
    for file in repository_files():
        path = file.relative_to(ROOT).as_posix()
        if file.suffix in SOURCE and not path.startswith(HISTORY):
            lines[path] = len(file.read_text("utf-8").splitlines())
    return lines


def _functions() -> dict[str, int]:
    return {
        f"{module.path}::{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for module in modules()
        if not module.path.startswith(HISTORY)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_files_stay_readable() -> None:
    long = {path: lines for path, lines in _files().items() if lines > LONG_FILES.get(path, FILE_LINES)}
    assert not long, f"something in it wants its own name: {long}"


def test_functions_stay_small() -> None:
    long = {name: lines for name, lines in _functions().items() if lines > LONG_FUNCTIONS.get(name, FUNCTION_LINES)}
    assert not long, f"something in it wants its own name: {long}"


def test_the_exceptions_only_shrink() -> None:
    files, functions = _files(), _functions()
    stale = [path for path, lines in LONG_FILES.items() if not FILE_LINES < files.get(path, 0) == lines]
    stale += [name for name, lines in LONG_FUNCTIONS.items() if not FUNCTION_LINES < functions.get(name, 0) == lines]
    assert not stale, f"shorter now, or gone: correct the list: {stale}"
