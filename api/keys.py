"""What a program with an API key reaches: each part of the API has scopes that open it, reading or all of it.

The verbs behind a route check what its owner may do, held to the key's scopes. What a person does as a learner needs
no permission there, so the part of the API must say which scope it takes. A part that is not listed is closed to keys,
and so are all pages.
"""

from dataclasses import dataclass

from fastapi import Request

from lms_core.kit.context import Actor
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EDITING = frozenset({Permission.COURSE_CREATE, Permission.COURSE_EDIT})
LEARNING = frozenset({Permission.COURSE_LEARN})
REVIEWING = frozenset({Permission.PROCTOR_REVIEW})


@dataclass(frozen=True, slots=True)
class Part:
    """The scopes of which one is needed: `full` to change something, `full` or `reading` to read."""

    full: frozenset[Permission]
    reading: frozenset[Permission] = frozenset()


CLOSED = Part(frozenset())
PARTS = {
    "admin": Part(frozenset({Permission.ACCOUNT_MANAGE, Permission.JOB_MANAGE}), frozenset({Permission.AUDIT_READ})),
    "announcements": Part(EDITING, LEARNING),
    "assistant": Part(LEARNING | EDITING | {Permission.FAQ_EDIT}, frozenset({Permission.INSIGHTS_READ})),
    "assignments": Part(LEARNING | EDITING | {Permission.ATTEMPT_GRADE}),
    "auth": Part(frozenset(), frozenset(Permission)),
    "certificates": Part(LEARNING | EDITING),
    "courses": Part(EDITING | {Permission.CATALOGUE_EDIT}, frozenset(Permission)),
    "earnings": Part(LEARNING | EDITING),
    "files": CLOSED,  # by signed addresses, which need no key
    "finance": Part(frozenset({Permission.FINANCE_MANAGE}), frozenset({Permission.FINANCE_READ})),
    "finance documents": Part(frozenset({Permission.FINANCE_MANAGE}), frozenset({Permission.FINANCE_READ})),
    "finance payouts": Part(frozenset({Permission.FINANCE_MANAGE}), frozenset({Permission.FINANCE_READ})),
    "gradebook": Part(EDITING | {Permission.ATTEMPT_GRADE}),
    "grades": Part(LEARNING),
    "imports": Part(EDITING),
    "invoices": Part(LEARNING, frozenset({Permission.FINANCE_READ})),
    "learning": Part(LEARNING, EDITING | {Permission.INSIGHTS_READ}),
    "lessons": Part(EDITING, LEARNING),
    "media": Part(LEARNING | EDITING),
    "notifications": Part(LEARNING),
    "paths": Part(LEARNING | EDITING | {Permission.CATALOGUE_EDIT}),
    "payment accounts": Part(frozenset({Permission.FINANCE_MANAGE}), frozenset({Permission.FINANCE_READ})),
    "payment callbacks": CLOSED,  # by their own addresses and signatures, which need no key
    "payments": Part(LEARNING | {Permission.FINANCE_MANAGE}, frozenset({Permission.FINANCE_READ})),
    "proctoring": Part(LEARNING | REVIEWING | EDITING),
    "proctoring review": Part(REVIEWING | EDITING),
    "question banks": Part(EDITING | {Permission.BANK_EDIT}),
    "quizzes": Part(LEARNING | EDITING | {Permission.ATTEMPT_GRADE}),
    "reconciliation": Part(frozenset({Permission.FINANCE_MANAGE}), frozenset({Permission.FINANCE_READ})),
    "release": Part(EDITING, LEARNING),
    "reviews": Part(LEARNING | EDITING | {Permission.REVIEW_HIDE}),
    "shop": Part(LEARNING | {Permission.FINANCE_MANAGE}, frozenset({Permission.FINANCE_READ})),
    "staff": Part(EDITING),
    "subscriptions": Part(LEARNING | {Permission.FINANCE_MANAGE}, frozenset({Permission.FINANCE_READ})),
    "users": Part(frozenset({Permission.ACCOUNT_MANAGE})),
    "verification": Part(frozenset(Permission)),
}


def admit(request: Request, actor: Actor) -> None:
    """Forbidden when the key's scopes do not open the part of the API that is asked for."""
    if actor.scopes is None:
        return
    tags = getattr(request.scope.get("route"), "tags", [])
    part = next((PARTS[tag] for tag in tags if tag in PARTS), CLOSED)
    opening = part.full | part.reading if request.method in SAFE_METHODS else part.full
    if not actor.scopes & opening:
        raise Forbidden("The API key has no scope for this. Make one with the scopes you need.")
