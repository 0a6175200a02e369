"""The product's source, parsed once for all rules."""

import ast
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "workers", "ingestion", "rag", "proctoring", "lms_core", "migrations")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its dotted name, its path from the root, and its syntax tree."""

    name: str
    path: str
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product."""
    found = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            path = file.relative_to(ROOT)
            parts = path.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path.as_posix(), ast.parse(file.read_text("utf-8"), filename=str(path))))
    return tuple(found)


@cache
def module_names() -> frozenset[str]:
    """Dotted names of all modules."""
    return frozenset(module.name for module in modules())


def imported(module: Module) -> set[tuple[str, str]]:
    """What `module` imports, functions included: (module, name), name empty for a whole module."""
    pairs = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            pairs |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                pairs.add((whole, "") if whole in module_names() else (node.module, alias.name))
    return pairs


def calls(module: Module) -> list[str]:
    """Dotted texts of everything `module` calls, such as `session.commit`."""
    return [ast.unparse(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)]


@cache
def repository_files() -> tuple[Path, ...]:
    """Files that are tracked, or would be; skips where this is no Git checkout."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a Git checkout, so what is tracked cannot be told")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return tuple(file for name in listed.split("\0") if name and (file := ROOT / name).is_file())
