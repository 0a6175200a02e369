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
    "media-sent": Notice(_("The file is here. It is checked, and then listed below.")),
    "media-empty": Notice(_("The file is empty. Check that it was saved whole."), "warn"),
    "media-used": Notice(_("Lessons still show this. Take it out of them first."), "warn"),
    "media-not-retryable": Notice(_("This cannot be tried again. Upload the file again."), "warn"),
    "captions-refused": Notice(_("These captions cannot be read. Save them as WebVTT or SRT, at most 1 MB."), "warn"),
    "welcome": Notice(_("Welcome! We sent you a letter: open its link to confirm your address.")),
    "logged-out": Notice(_("You are logged out.")),
    "login-first": Notice(_("Please log in to go on."), "warn"),
    "enrolled": Notice(_("You are enrolled. Enjoy the course!")),
    "left": Notice(_("You left the course. Your progress is kept should you come back.")),
    "completed": Notice(_("Lesson completed. Well done!")),
    "not-done-yet": Notice(_("This lesson completes by itself when everything it asks for is done."), "warn"),
    "members-added": Notice(_("They are in the cohort now.")),
    "rule-saved": Notice(_("The rule is saved. It holds from now on, also for the assistant.")),
    "course-completed": Notice(_("You completed every lesson of this course. Congratulations!")),
    "profile-saved": Notice(_("Your profile is saved.")),
    "password-changed": Notice(_("Your password is changed. Other devices are logged out.")),
    "password-reset": Notice(_("Your password is set. Log in with it.")),
    "verified": Notice(_("Your e-mail address is confirmed. Thank you!")),
    "letter-sent": Notice(_("A letter is on its way. Its link works for a limited time.")),
    "session-ended": Notice(_("That device is logged out.")),
    "sessions-ended": Notice(_("Every other device is logged out, and none is trusted any more.")),
    "passkey-added": Notice(_("The passkey is added. Next time it logs you in.")),
    "passkey-removed": Notice(_("The passkey is removed here. Delete it on your device too.")),
    "key-revoked": Notice(_("The API key is revoked. Programs that have it are turned away from now on.")),
    "saved": Notice(_("Saved.")),
    "lesson-saved": Notice(_("The lesson is saved. The assistant uses the new text in a moment.")),
    "draft-saved": Notice(_("Saved as a draft. Learners see it when you publish.")),
    "draft-discarded": Notice(_("The draft is discarded. This is the published text.")),
    "drafts-published": Notice(_("Published. The assistant uses the new texts in a moment.")),
    "nothing-chosen": Notice(_("Nothing was ticked, so nothing was published."), "warn"),
    "published": Notice(_("The course is published. Learners can find it now.")),
    "copy-begun": Notice(_("The copy is under way. You can leave this page.")),
    "cover-saved": Notice(_("The cover is here. Say what it shows, for those who cannot see it.")),
    "path-joined": Notice(_("You follow this path. Its open courses are among yours now.")),
    "path-left": Notice(_("You follow this path no longer. Your courses stay yours.")),
    "path-published": Notice(_("The path is published. Learners can find it now.")),
    "none-chosen": Notice(_("Choose at least one first."), "warn"),
    "archived": Notice(_("The course is archived. Those enrolled can still read it.")),
    "deleted": Notice(_("Deleted.")),
    "faq-saved": Notice(_("Your answer is saved. Learners get it from now on when they ask this.")),
    "conversation-deleted": Notice(_("The conversation is deleted.")),
    "announcement-sent": Notice(_("The announcement is sent. Everybody it is for is being told.")),
    "announcement-scheduled": Notice(_("The announcement goes out at that time.")),
    "review-kept": Notice(_("Your review is saved. Thank you!")),
    "reported": Notice(_("Thank you. An administrator will look at it.")),
    "staff-invited": Notice(_("The invitation is on its way.")),
    "staff-joined": Notice(_("Welcome to the staff of this course.")),
    "staff-declined": Notice(_("You declined the invitation.")),
    "course-given": Notice(_("The course has another owner now. You are a co-instructor.")),
    "confirmed": Notice(_("Thank you. For 15 minutes you are not asked again: now repeat what you did.")),
    "no-question-chosen": Notice(_("Nothing was chosen. Tick the questions first."), "warn"),
    "renamed": Notice(_("Renamed.")),
    "attempt-submitted": Notice(_("Your answers are handed in.")),
    "quiz-published": Notice(_("The quiz is published. Learners can take it now.")),
    "marked": Notice(_("The mark is saved.")),
    "mark-refused": Notice(_("The mark is not saved: points go from 0 to the points of the question."), "warn"),
    "gradebook-rebuilt": Notice(_("Every quiz was read again. The gradebook says what they say.")),
    "grades-imported": Notice(_("The grades are taken in. The history says what changed.")),
    "certificates-issued": Notice(_("The certificates are on their way: they are signed in the background.")),
    "certificate-revoked": Notice(_("The certificate is revoked. Whoever verifies it reads why.")),
    "acting-stopped": Notice(_("You are yourself again.")),
    "reason-missing": Notice(_("Please say why, in a few words."), "warn"),
    "role-given": Notice(_("Their role counts from now on.")),
    "person-closed": Notice(_("The account is closed, and its owner is logged out everywhere.")),
    "person-opened": Notice(_("The account is open again.")),
    "reset-sent": Notice(_("A letter with a link to a new password is on its way to them.")),
    "signed-out": Notice(_("They are logged out everywhere.")),
    "deletion-requested": Notice(_("The account will be deleted in 14 days. Its owner was told by mail.")),
    "deletion-cancelled": Notice(_("The account stays. Its owner was told by mail.")),
    "export-requested": Notice(_("Your archive is being made. A letter tells you when it is here.")),
    "leaving": Notice(_("Your account will be deleted in 14 days. Log in before then to keep it."), "warn"),
    "roster-started": Notice(_("The list is being carried out.")),
    "assignment-published": Notice(_("The assignment is published. Learners can see it now.")),
    "work-submitted": Notice(_("Your work is handed in. The receipt below is your proof.")),
    "file-refused": Notice(_("The file is not taken: look at the allowed kinds, size and number of files."), "warn"),
    "review-saved": Notice(_("Your review is saved. Thank you!")),
    "mark-released": Notice(_("The mark is released: the learner can see it now.")),
    "marks-released": Notice(_("Every complete mark is released: learners can see theirs now.")),
    "drafting-started": Notice(_("Lessons are being read for questions. This page says how far that is.")),
    "draft-approved": Notice(_("The question is in the quiz now, at its end.")),
    "draft-rejected": Notice(_("The draft is put away. It will not be proposed again.")),
    "regrade-started": Notice(_("The regrade is under way. This page says how far it is.")),
    "answer-first": Notice(_("Answer the question first, then check it."), "warn"),
    "board-name-refused": Notice(_("This name cannot be shown: use up to 60 ordinary characters."), "warn"),
}
