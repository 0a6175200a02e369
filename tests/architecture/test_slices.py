"""A slice's tables, selects, rules and reactions are its own: others call its verbs."""

import ast

from tests.architecture.source import Module, imported, modules

PRIVATE = frozenset({"models", "queries", "policies", "handlers", "jobs"})
KIT = "lms_core.kit"  # the kit is no slice: `kit.jobs` is for everybody

LESSON_ROWS = "joins its own rows with the present version and status of lessons, in one statement"
PERSON_ROWS = "shows a person's name beside its own rows, in one statement"
EVERY_REQUEST = "identity's slices decide together who somebody is; the join runs on every request"
SEARCH = "the index proposes and these rows dispose: rights and passages in one statement"
REVIEW_ROWS = "a line of the review queue: session, exam, taker, risk and verdict, in one statement"
WATCH_ROWS = "pictures are the queue: claimed, looked at and written down with their sessions and keys in one statement"
OWNED_ROWS = "finds and deletes what is due, with what hangs on it, in one statement"
EARNED_ROWS = "who completed a course and holds no certificate of it, in one statement however many there are"
OWN_LOCK = "the account's row is the lock that two requests of one moment meet at"
PEOPLE_ROWS = "a line of the list of people: account, roles, last login, deletion to come, in few statements"
PERSONAL_ROWS = "finds its own rows by the person whose sitting, or place in a course, they belong to"
BOOK_ROWS = "everybody in the course by name, however many, in one statement beside their marks"
PLACE_ROWS = "since when somebody is in a course and in which cohort, in one statement on the way to every ruled lesson"
OWN_CALENDAR = "a person's time zone with the days of their own calendar, in one statement on a page of many"
READ_MODEL = "a read model over what was asked and answered; it writes nothing"

# importer -> {slice module: why a verb would not do}. May only shrink.
ALLOWED: dict[str, dict[str, str]] = {
    "lms_core.identity.access.console": {"lms_core.identity.accounts.models": EVERY_REQUEST},
    "lms_core.identity.access.service": {"lms_core.identity.accounts.models": EVERY_REQUEST},
    "lms_core.identity.auth.queries": {
        "lms_core.identity.access.models": EVERY_REQUEST,
        "lms_core.identity.accounts.models": EVERY_REQUEST,
        "lms_core.identity.apikeys.models": EVERY_REQUEST,
    },
    "lms_core.identity.auth.service": {"lms_core.identity.accounts.models": EVERY_REQUEST},
    "lms_core.identity.erasure.service": {"lms_core.identity.accounts.models": OWN_LOCK},
    "lms_core.identity.portability.service": {"lms_core.identity.accounts.models": OWN_LOCK},
    "lms_core.identity.people.queries": {
        "lms_core.identity.access.models": PEOPLE_ROWS,
        "lms_core.identity.accounts.models": PEOPLE_ROWS,
        "lms_core.identity.auth.models": PEOPLE_ROWS,
        "lms_core.identity.erasure.models": PEOPLE_ROWS,
    },
    "lms_core.learning.certificates.queries": {
        "lms_core.learning.enrolments.models": EARNED_ROWS,
        "lms_core.learning.progress.models": EARNED_ROWS,
    },
    "lms_core.learning.gradebook.queries": {
        "lms_core.identity.accounts.models": BOOK_ROWS,
        "lms_core.learning.enrolments.models": BOOK_ROWS,
    },
    "lms_core.learning.release.queries": {"lms_core.learning.enrolments.models": PLACE_ROWS},
    "lms_core.learning.progress.service.days": {"lms_core.identity.accounts.models": OWN_CALENDAR},
    "rag.search": {"lms_core.content.courses.models": SEARCH, "rag.index.models": SEARCH},
    "rag.calibrating": {"rag.index.models": "the threshold is a column of the course's index row"},
    "rag.conversations.queries": {
        "lms_core.content.courses.models": LESSON_ROWS,
        "lms_core.identity.accounts.models": PERSON_ROWS,
        "rag.faq.models": "an approved answer carries its entry's author, in one statement",
    },
    "rag.drafts.jobs": {"lms_core.content.courses.models": "a draft is kept only while its version is the present one"},
    "rag.drafts.queries": {
        "lms_core.content.courses.models": LESSON_ROWS,
        "rag.index.models": "reads passages of the present versions of a course at once, as search does",
    },
    "rag.faq.matching": {"lms_core.identity.accounts.models": PERSON_ROWS},
    "rag.faq.service": {"lms_core.identity.accounts.models": PERSON_ROWS},
    "rag.insights.service": {"rag.conversations.models": READ_MODEL, "rag.faq.models": READ_MODEL},
    "proctoring.review.queries": {
        "lms_core.identity.accounts.models": PERSON_ROWS,
        "lms_core.learning.assessments.models": REVIEW_ROWS,
        "proctoring.anomalies.models": REVIEW_ROWS,
        "proctoring.sessions.models": REVIEW_ROWS,
    },
    "proctoring.review.service.lists": {"proctoring.sessions.models": REVIEW_ROWS},
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
    "proctoring.watching.queue": {"proctoring.evidence.models": WATCH_ROWS, "proctoring.sessions.models": WATCH_ROWS},
    "proctoring.watching.jobs": {"proctoring.evidence.models": WATCH_ROWS, "proctoring.sessions.models": WATCH_ROWS},
    "proctoring.watching.looking": {"proctoring.evidence.models": WATCH_ROWS},
    "proctoring.watching.service": {"proctoring.evidence.models": WATCH_ROWS},
    "lms_core.learning.release.personal": {"lms_core.learning.enrolments.models": PERSONAL_ROWS},
    "proctoring.anomalies.personal": {"proctoring.sessions.models": PERSONAL_ROWS},
    "proctoring.evidence.personal": {"proctoring.sessions.models": PERSONAL_ROWS},
    "proctoring.privacy.personal": {"proctoring.sessions.models": PERSONAL_ROWS},
    "proctoring.review.personal": {"proctoring.sessions.models": PERSONAL_ROWS},
    "proctoring.privacy.jobs": {"proctoring.sessions.models": OWNED_ROWS},
    "proctoring.privacy.service": {"proctoring.sessions.models": OWNED_ROWS},
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
        if module.name == target or module.name.startswith(f"{target}."):
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
