"""The order a course gives its lessons: SUMMARY.md, mkdocs.yml, config.yaml, or the links of its front page."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.readers.front_matter import safe_yaml
from ingestion.readers.text import decode
from ingestion.sources.tree import leading_number, natural

LINK = re.compile(r"\]\(<?\.?/?([^)\s>#]+)")
MAX_BYTES = 1_000_000
# The folders of a Carpentries Workbench lesson, each listed in config.yaml; the latter two are for those who teach it.
PER_PAGE_LISTS = ("episodes", "learners", "instructors", "profiles")
WORKBENCH_KEYS = frozenset({"carpentry", "episodes"})
FOR_INSTRUCTORS = frozenset({"instructors", "profiles"})
UNLISTED = 1 << 30


@dataclass(frozen=True, slots=True)
class Outline:
    """Positions by path. `strict` when the course declares its order, not merely links its pages.

    `for_instructors` are folders at its root that are not for learners.
    """

    title: str
    language: str | None
    positions: dict[str, int]
    strict: bool
    for_instructors: frozenset[str] = frozenset()


def read_outline(files: dict[str, Path]) -> Outline:
    """The outline of the course with these files."""
    config: dict[str, Any] = {}
    for name in ("config.yaml", "config.yml", "_config.yml", "mkdocs.yml", "mkdocs.yaml"):
        values = safe_yaml(_text(files, name).replace("!!", "")) if name in files else None
        config.update(values if isinstance(values, dict) else {})
    docs = str(config.get("docs_dir") or "docs")
    listed = [*_workbench(config), *(posixpath.join(docs, p) for p in _strings(config.get("nav")) if p.endswith(".md"))]
    for name in ("SUMMARY.md", "src/SUMMARY.md", "docs/SUMMARY.md"):
        listed += _links(_text(files, name), posixpath.dirname(name))
    strict = bool(listed)
    if not strict:
        listed = [p for name in ("index.md", "README.md", "readme.md") for p in _links(_text(files, name), "")]
    positions: dict[str, int] = {}
    for position, path in enumerate(listed):
        positions.setdefault(posixpath.normpath(path), position)
    language = config.get("lang") or config.get("language")
    title = config.get("title") or config.get("site_name") or ""
    hidden = FOR_INSTRUCTORS if WORKBENCH_KEYS & config.keys() else frozenset()
    return Outline(str(title), language if isinstance(language, str) else None, positions, strict, hidden)


def order_key(outline: Outline, path: str) -> list[tuple[int, int, list[tuple[int, int, str]]]]:
    """A sort key for `path`: every folder and the file by declared place, else number, else link order, else name."""
    parts = path.split("/")
    key = []
    for depth, name in enumerate(parts):
        prefix = "/".join(parts[: depth + 1])
        place = min(
            (at for listed, at in outline.positions.items() if listed == prefix or listed.startswith(prefix + "/")),
            default=UNLISTED,
        )
        number = leading_number(name)
        if outline.strict and place != UNLISTED:
            key.append((0, place, natural(name)))
        elif number is not None:
            key.append((1, number, natural(name)))
        else:
            key.append((2, place, natural(name)))
    return key


def _workbench(config: dict[str, Any]) -> Iterator[str]:
    for folder in PER_PAGE_LISTS:
        names = config.get(folder)
        for name in names if isinstance(names, list) else []:
            yield f"{folder}/{name}"


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < 20:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item, depth + 1)


def _links(text: str, folder: str) -> list[str]:
    found = (target for target in LINK.findall(text) if "://" not in target and not target.startswith("translations/"))
    return [posixpath.join(folder, target) for target in found]


def _text(files: dict[str, Path], name: str) -> str:
    if name not in files or files[name].stat().st_size > MAX_BYTES:
        return ""
    return decode(files[name].read_bytes())
