"""Who may make and change learning paths: who arranges the catalogue all of them, who makes courses their own."""

from lms_core.kit.context import Actor
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.paths.errors import PathNotFound
from lms_core.learning.paths.models import LearningPath, PathStatus


def may_edit(actor: Actor, path: LearningPath) -> bool:
    """Whether the actor may change this path."""
    if actor.may(Permission.CATALOGUE_EDIT):
        return True
    return actor.may(Permission.COURSE_CREATE) and actor.user_id is not None and path.owner_id == actor.user_id


def require_maker(actor: Actor) -> None:
    """Forbidden for who makes neither courses nor the catalogue."""
    if not (actor.may(Permission.COURSE_CREATE) or actor.may(Permission.CATALOGUE_EDIT)):
        raise Forbidden("Only instructors make learning paths. Ask an administrator to make you one.")


def require_editor(actor: Actor, path: LearningPath) -> None:
    """PathNotFound for who does not see the path, Forbidden for who sees it only."""
    if may_edit(actor, path):
        return
    if path.status != PathStatus.PUBLISHED:
        raise PathNotFound()
    raise Forbidden("Only who made this path, and who arranges the catalogue, changes it.")
