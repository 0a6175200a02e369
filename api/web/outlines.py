"""A course's outline as HTML: each line rendered once in every state it can be in, then only chosen from.

The lines are the same for everybody who reads a course at one revision; a
reader's own part is which lessons are done, which is open and which are locked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup

from api.web.rendering import macros
from lms_core.content.courses.schemas import ModuleView
from lms_core.kit.recent import Recent

HERE, DONE, HERE_DONE, NOW, LOCKED, PLAIN = "here", "done", "here done", "now", "locked", ""


@dataclass(frozen=True, slots=True)
class Lines:
    """An outline: what stands between the lessons, and each lesson's line by state."""

    parts: tuple[str | tuple[UUID, dict[str, str]], ...]

    def shown(self, state_of: Callable[[UUID], str]) -> Markup:
        """The HTML for a reader to whom each lesson is in the state that `state_of` tells."""
        chosen = [part if isinstance(part, str) else part[1][state_of(part[0])] for part in self.parts]
        return Markup("".join(chosen))  # noqa: S704 - rendered by templates, which escape


_KEPT: Recent[Lines] = Recent(capacity=20_000)  # lessons and modules


def lines(
    template: str, language: str, of: tuple[Any, ...], arranged: Callable[[], Sequence[ModuleView]], **given: Any
) -> Lines:
    """The outline that `arranged` gives, by the macros of `template` (`before`, `line`, `after`, `states`).

    `of` must tell the course, its revision (`updated_at`) and all else that `arranged` goes by.
    """
    key = (template, language, of, tuple(sorted(given.items())))
    kept = _KEPT.get(key)
    if kept is None:
        modules = arranged()
        kept = Lines(_parts(macros(language, template), modules, given))
        _KEPT.keep(key, kept, weight=1 + sum(1 + len(module.lessons) for module in modules))
    return kept


def _parts(drawn: Any, modules: Sequence[ModuleView], given: dict[str, Any]) -> tuple[Any, ...]:
    parts: list[str | tuple[UUID, dict[str, str]]] = []
    for module in modules:
        parts.append(str(drawn.before(module, **given)))
        parts += [
            (lesson.id, {state: str(drawn.line(lesson, state, **given)) for state in drawn.states})
            for lesson in module.lessons
        ]
        parts.append(str(drawn.after()))
    return tuple(parts)
