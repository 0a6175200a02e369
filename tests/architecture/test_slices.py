"""A slice's tables, selects, rules and reactions are its own: others call its verbs."""

import ast

from tests.architecture.source import Module, imported, modules

PRIVATE = frozenset({"models", "queries", "policies", "handlers", "jobs"})
KIT = "lms_core.kit"  # the kit is no slice: `kit.jobs` is for everybody

LESSON_ROWS = "joins its own rows with the present version and status of lessons, in one statement"
PERSON_ROWS = "shows a person's name beside its own rows, in one statement"
EVERY_REQUEST = "identity's slices decide together who somebody is; the join runs on every request"
SEARCH = "the index proposes and these rows dispose: rights and passages in one statement"
READ_MODEL = "a read model over what was asked and answered; it writes nothing"

# importer -> {slice module: why a verb would not do}. May only shrink.
ALLOWED: dict[str, dict[str, str]] = {
    "lms_core.identity.access.console": {"lms_core.identity.accounts.models": EVERY_REQUEST},
    "lms_core.identity.access.service": {"lms_core.identity.accounts.models": EVERY_REQUEST},
    "lms_core.identity.auth.queries": {
        "lms_core.identity.access.models": EVERY_REQUEST,
        "lms_core.identity.accounts.models": EVERY_REQUEST,
    },
    "lms_core.identity.auth.service": {"lms_core.identity.accounts.models": EVERY_REQUEST},
    "rag.search": {"lms_core.content.courses.models": SEARCH, "rag.index.models": SEARCH},
    "rag.calibrating": {"rag.index.models": "the threshold is a column of the course's index row"},
    "rag.conversations.queries": {
        "lms_core.content.courses.models": LESSON_ROWS,
        "lms_core.identity.accounts.models": PERSON_ROWS,
        "rag.faq.models": "an approved answer carries its entry's author, in one statement",
    },
    "rag.faq.matching": {"lms_core.identity.accounts.models": PERSON_ROWS},
    "rag.faq.service": {"lms_core.identity.accounts.models": PERSON_ROWS},
    "rag.insights.service": {"rag.conversations.models": READ_MODEL, "rag.faq.models": READ_MODEL},
    "ingestion.demo": {
        "lms_core.content.courses.models": LESSON_ROWS,
        "ingestion.lessons.models": LESSON_ROWS,
    },
    "ingestion.imports.service": {
        "lms_core.content.courses.models": LESSON_ROWS,
        "ingestion.lessons.models": LESSON_ROWS,
    },
    "ingestion.lessons.jobs": {"lms_core.content.courses.models": LESSON_ROWS},
    "ingestion.storing": {"lms_core.content.courses.models": "finds the ids of the lessons it stored by their paths"},
    "api.health": {"lms_core.identity.tenants.models": "readiness asks for a row of a table that is always there"},
    "api.routes.assistant.search": {"rag.conversations.queries": "places of lessons, as answers show them"},
    "api.routes.content.lessons": {"lms_core.content.courses.policies": "a preview without a course is for authors"},
}


def _slice_of(target: str) -> str | None:
    """The slice that `target` is a private module of, else None."""
    owner, _, last = target.rpartition(".")
    return owner if last in PRIVATE and owner and not target.startswith(KIT) else None


def _vocabulary(target: str) -> set[str]:
    """Enumerations of a private module: words of the slice, not its tables."""
    found = set()
    for module in modules():
        if module.name == target:
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
                    found.add(node.name)
    return found


def _foreign(module: Module) -> set[str]:
    """Private modules of other slices that `module` reaches into."""
    reached = set()
    for target, name in imported(module):
        owner = _slice_of(target)
        if owner is None or module.name == owner or module.name.startswith(f"{owner}."):
            continue
        if name not in _vocabulary(target):
            reached.add(target)
    return reached


def test_only_a_slice_imports_its_private_modules() -> None:
    outside = {
        module.name: sorted(extra)
        for module in modules()
        if (extra := _foreign(module) - ALLOWED.get(module.name, {}).keys())
    }
    assert not outside, f"call a verb of the slice instead, or argue in ALLOWED: {outside}"


def test_the_allowed_list_only_shrinks() -> None:
    reached = {module.name: _foreign(module) for module in modules()}
    stale = {
        importer: sorted(unused)
        for importer, targets in ALLOWED.items()
        if (unused := targets.keys() - reached.get(importer, set()))
    }
    assert not stale, f"no longer needed, take it off the list: {stale}"


def test_a_slice_says_what_it_owns() -> None:
    owners = {owner for module in modules() if (owner := _slice_of(module.name)) is not None}
    silent = [module.name for module in modules() if module.name in owners and not ast.get_docstring(module.tree)]
    assert not silent, f"`__init__.py` says what the slice owns and its invariants: {silent}"
