"""Small rules with one place each: time, environment, transactions, SQL, mode, errors, names."""

import ast
import re

import pytest

from tests.architecture.source import ROOT, calls, imported, modules, repository_files

CLOCK = {
    "lms_core/kit/clock.py": "the clock",
    "lms_core/kit/cache.py": "the rate limiter's library tells its reset time on the machine's clock",
}
ENVIRONMENT = {
    "lms_core/kit/settings.py": "settings",
    "api/cli/__init__.py": "tells the mathematics library its threads before it is loaded",
    "proctoring/detection/exporting.py": "the child that exports a model gets an environment without network",
    "lms_core/kit/children.py": "children that work on foreign files get an environment without secrets",
    "ingestion/readers/child.py": "the child imports the product from where this process did",
}
COMMITS = {
    "lms_core/kit/context.py": "leaving a write context commits",
    "migrations/env.py": "a migration is its own transaction",
}
RAW_SQL = {
    "lms_core/kit/db.py": "BEGIN IMMEDIATE and pragmas; touches no rows",
    "lms_core/identity/access/models.py": "the predicates of two partial indexes",
    "migrations/__init__.py": "an advisory lock",
    "migrations/env.py": "a lock timeout",
}
MODE = {
    "workers/runtime.py": "the composition root",
    "lms_core/kit/settings.py": "refuses what is unsafe when scaled",
    "api/cli/running.py": "commands that exist in one mode say so, and doctor names the mode",
    "api/cli/saving.py": "backup copies the data folder, which only embedded installations have",
}


def _offenders(matches: "re.Pattern[str]", allowed: dict[str, str]) -> list[str]:
    return [
        f"{module.path}: {call}"
        for module in modules()
        if module.path not in allowed
        for call in calls(module)
        if matches.fullmatch(call)
    ]


def test_only_the_clock_asks_what_time_it_is() -> None:
    clock = re.compile(r"(\w+\.)*(datetime\.(now|utcnow|today)|date\.today|time\.time)")
    assert not _offenders(clock, CLOCK), "take the time from ctx.now or a Clock"


def test_only_settings_read_the_environment() -> None:
    reads = [
        module.path
        for module in modules()
        if module.path not in ENVIRONMENT
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert not reads, "add a field to Settings instead"


def test_only_the_context_commits() -> None:
    assert not _offenders(re.compile(r".+\.commit"), COMMITS), "leave the write context; it commits"


def test_raw_sql_stands_in_named_files() -> None:
    raw = [
        module.path
        for module in modules()
        if module.path not in RAW_SQL and not module.path.startswith("migrations/versions/")
        if any(target.split(".")[0] == "sqlalchemy" and name == "text" for target, name in imported(module))
        or any(call.endswith(".exec_driver_sql") for call in calls(module))
    ]
    assert not raw, "raw SQL escapes the tenant filter"


def test_locks_let_others_name_the_row() -> None:
    """PostgreSQL's FOR UPDATE stops every insert that refers to the row, and two that insert first deadlock."""
    bare = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "with_for_update"
        and not {"key_share", "skip_locked"} & {keyword.arg for keyword in node.keywords}
    ]
    assert not bare, "lock with key_share=True: SELECT ... FOR NO KEY UPDATE"


def test_mode_is_read_by_the_composition_root() -> None:
    def reads_mode(node: ast.AST) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr != "mode":
            return False
        return ast.unparse(node.value).split(".")[-1] == "settings"

    readers = [
        module.path
        for module in modules()
        if module.path not in MODE and any(reads_mode(node) for node in ast.walk(module.tree))
    ]
    assert not readers, "ask for a port instead; workers/runtime.py chose its adapter"


def test_http_errors_are_made_by_the_api_alone() -> None:
    below = [
        module.path
        for module in modules()
        if not module.path.startswith("api/") and any(name == "HTTPException" for _, name in imported(module))
    ]
    assert not below, "raise a DomainError; api/errors.py turns it into a problem document"


@pytest.mark.parametrize("allowed", [CLOCK, ENVIRONMENT, COMMITS, RAW_SQL, MODE])
def test_exceptions_name_files_that_exist(allowed: dict[str, str]) -> None:
    assert not [path for path in allowed if not (ROOT / path).is_file()]


def test_nothing_is_called_utils() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert not [file for file in repository_files() if file.name in vague], "name what the file owns"


def test_every_file_says_what_it_owns() -> None:
    silent = [
        module.path
        for module in modules()
        if not module.path.startswith("migrations/versions/")
        if module.tree.body and not ast.get_docstring(module.tree)
    ]
    assert not silent
