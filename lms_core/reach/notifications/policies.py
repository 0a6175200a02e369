"""Through which channels a person hears of a kind of notification, besides the application itself."""

from lms_core.identity.accounts.schemas import Addressee
from lms_core.reach.notifications.models import Channel
from lms_core.reach.notifications.wording import KINDS


def channels(kind: str) -> tuple[Channel, ...]:
    """The channels `kind` is delivered through."""
    return (Channel.EMAIL,) if KINDS[kind].mailed else ()


def why_not(person: Addressee | None) -> str:
    """Why this person gets no letter; empty when they do."""
    if person is None:
        return "the account is closed"
    return "" if person.verified else "the address is not confirmed"
