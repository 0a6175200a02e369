"""Domain events: facts in the past tense, and who reacts to them.

`ctx.emit(fact)` writes one job row per subscriber in the same transaction, so a
fact and its reactions are stored together or not at all. Delivery is at least
once: every handler is idempotent.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

EVENTS: dict[str, type["Event"]] = {}
SUBSCRIBERS: dict[type[BaseModel], list[str]] = defaultdict(list)  # by event, or by Notice: whatever carries one


class Notice(BaseModel):
    """That people should hear of a fact: who, which kind of message, and its variables."""

    recipients: tuple[UUID, ...]
    kind: str
    variables: dict[str, str] = {}


class Activity(BaseModel):
    """That a fact counts as somebody's activity: who, the verb, and on what."""

    user_id: UUID
    verb: str
    object_id: UUID


class Event(BaseModel):
    """Base of all facts. `name` (`slice.fact`) is stable: it is stored in job rows."""

    model_config = ConfigDict(frozen=True)
    name: ClassVar[str]
    notice: Notice | None = None
    activity: Activity | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            EVENTS[cls.name] = cls


E = TypeVar("E", bound=Event)
Registrar = Callable[[str, Callable[..., None], type[Event], str], None]


def subscribers(event: Event) -> list[str]:
    """Names of the jobs to enqueue for `event`: those of its class and base classes, and of its notice."""
    names = [name for base in type(event).__mro__ for name in SUBSCRIBERS.get(base, ())]
    return names + SUBSCRIBERS.get(Notice, []) if event.notice is not None else names
