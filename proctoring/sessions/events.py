"""Facts about sessions."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class SessionBegun(Event):
    """The exam runs under supervision."""

    name: ClassVar[str] = "proctoring.session_begun"
    session_id: UUID
    quiz_id: UUID


class SessionInterrupted(Event):
    """The page has not been heard of for a while."""

    name: ClassVar[str] = "proctoring.session_interrupted"
    session_id: UUID
    quiz_id: UUID


class SessionResumed(Event):
    """The page is heard of again."""

    name: ClassVar[str] = "proctoring.session_resumed"
    session_id: UUID
    quiz_id: UUID


class PageEventsReceived(Event):
    """The page told something."""

    name: ClassVar[str] = "proctoring.page_events_received"
    session_id: UUID
    quiz_id: UUID


class SessionEnded(Event):
    """Nothing more is recorded."""

    name: ClassVar[str] = "proctoring.session_ended"
    session_id: UUID
    quiz_id: UUID


class SessionAnalysed(Event):
    """No picture of an ended session waits to be looked at; checks without weights may."""

    name: ClassVar[str] = "proctoring.session_analysed"
    session_id: UUID
    quiz_id: UUID
