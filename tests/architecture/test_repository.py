"""What is in the repository: locks without a registry, documented dependencies and settings, no machine's paths."""

import re
import tomllib
from typing import Any

from api.cli.app import app
from lms_core.kit.settings import Settings
from tests.architecture.source import ROOT, repository_files

MEGABYTE = 1_000_000
MACHINE_PATH = re.compile(rb"(?<![\w.$}/])/(?:home|work|root|Users|mnt)/[\w.-]+")
INDEX = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|(?:^|\s)-[if]\s|@ ")


def _documented(name: str) -> dict[str, str]:
    """First column of the tables of a document -> the rest of the row."""
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", (ROOT / "docs" / name).read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len({first for first, _ in rows}), f"docs/{name} names something twice"
    return dict(rows)


def _direct_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return {re.split(r"[<>=!~;\[ ]", each)[0].lower() for each in named}


def test_locks_have_hashes_and_name_no_registry() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        text = lock.read_text("utf-8")
        assert not [line for line in text.splitlines() if INDEX.search(line)], lock.name
        pins = re.findall(r"^[A-Za-z0-9][^\s]*==[^\n]*\n((?:    .*\n?)*)", text, re.MULTILINE)
        assert pins, lock.name
        assert all("--hash=sha256:" in hashes for hashes in pins), lock.name


def test_every_direct_dependency_is_explained_once() -> None:
    documented = set(_documented("dependencies.md"))
    wanted = _direct_dependencies()
    assert documented == wanted, f"missing {sorted(wanted - documented)}, stale {sorted(documented - wanted)}"


def _default(value: Any) -> str:
    if hasattr(value, "get_secret_value"):
        value = value.get_secret_value()
    if value is None or value == "":
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_the_settings_table_says_what_the_code_says() -> None:
    rows = {name: rest for name, rest in _documented("operations.md").items() if name.startswith("MWALIMU_")}
    fields = {f"MWALIMU_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert list(rows) == list(fields), "one row a setting, in the order of Settings"
    for name, field in fields.items():
        default = rows[name].split(" | ")[0].strip()
        assert default == _default(field.default), name


def test_the_example_environment_names_only_settings() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    named = re.findall(r"^#?\s?(MWALIMU_\w+)=", text, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) <= {f"MWALIMU_{name.upper()}" for name in Settings.model_fields}


def test_no_file_is_over_a_megabyte() -> None:
    large = {
        str(file.relative_to(ROOT)): size for file in repository_files() if (size := file.stat().st_size) > MEGABYTE
    }
    assert not large


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    named = {
        str(file.relative_to(ROOT)): found[0].decode()
        for file in repository_files()
        if file.suffix in (".py", ".md", ".toml", ".txt", ".sh", ".yaml", ".yml", ".html", ".js", ".ini", ".jsonl", "")
        if (found := MACHINE_PATH.findall(file.read_bytes()))
    }
    assert not named


def test_decision_records_are_numbered_and_complete() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        headings = re.findall(r"^## (.+)$", record.read_text("utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], record.name


def _documents() -> dict[str, str]:
    return {
        str(file.relative_to(ROOT)): file.read_text("utf-8")
        for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    }


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in _documents().items()
        for target in re.findall(r"\]\(([^)#\s]+)", text)
        # Pictures are made by the browser tests; what follows asset:, video:, quiz: and assignment: stands in lessons.
        if "://" not in target and not target.startswith(("docs/images/", "asset:", "video:", "quiz:", "assignment:"))
        if not ((ROOT / name).parent / target).exists()
    ]
    assert not broken


def test_documents_name_commands_that_exist() -> None:
    text = "\n".join(_documents().values())
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`|=\S+ )make ([a-z]+)", text, re.MULTILINE)) <= targets
    commands = {each.name or each.callback.__name__ for each in app.registered_commands if each.callback}
    groups = {each.name for each in app.registered_groups}
    assert set(re.findall(r"(?:^|`|bin/|api )mwalimu ([a-z]+)", text, re.MULTILINE)) <= commands | groups
