"""What a page may say after a form was sent, by code. The words are translated where they are shown."""

from dataclasses import dataclass
from typing import Literal


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and how it looks."""

    text: str
    kind: Literal["ok", "warn"] = "ok"


NOTICES = {
    "welcome": Notice(_("Welcome! We sent you a letter: open its link to confirm your address.")),
    "logged-out": Notice(_("You are logged out.")),
    "login-first": Notice(_("Please log in to go on."), "warn"),
    "enrolled": Notice(_("You are enrolled. Enjoy the course!")),
    "left": Notice(_("You left the course. Your progress is kept should you come back.")),
    "completed": Notice(_("Lesson completed. Well done!")),
    "course-completed": Notice(_("You completed every lesson of this course. Congratulations!")),
    "profile-saved": Notice(_("Your profile is saved.")),
    "password-changed": Notice(_("Your password is changed. Other devices are logged out.")),
    "password-reset": Notice(_("Your password is set. Log in with it.")),
    "verified": Notice(_("Your e-mail address is confirmed. Thank you!")),
    "letter-sent": Notice(_("A letter is on its way. Its link works for a limited time.")),
    "session-ended": Notice(_("That device is logged out.")),
    "saved": Notice(_("Saved.")),
    "lesson-saved": Notice(_("The lesson is saved. The assistant uses the new text in a moment.")),
    "published": Notice(_("The course is published. Learners can find it now.")),
    "archived": Notice(_("The course is archived. Those enrolled can still read it.")),
    "deleted": Notice(_("Deleted.")),
    "faq-saved": Notice(_("Your answer is saved. Learners get it from now on when they ask this.")),
    "conversation-deleted": Notice(_("The conversation is deleted.")),
    "renamed": Notice(_("Renamed.")),
}
