"""Forms of pages: their text checked by the same schemas as the JSON routes, what is wrong told beside each field."""

from collections.abc import Iterable
from gettext import NullTranslations
from typing import Any

from pydantic import ValidationError

from lms_core.kit.errors import DomainError

Errors = dict[str, str]


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


# By a field's name, what a form says when its value does not fit the schema.
FIELD_HELP = {
    "reason": _("Please write a few words, and no more than fit."),
    "note": _("Please write a few words, and no more than fit."),
    "code": _("A code has six digits; a recovery code has twelve letters and digits."),
    "days": _("Please give a whole number of days from 1 to 365."),
    "scopes": _("Please choose at least one."),
    "email": _("Please write an e-mail address such as amina@example.org."),
    "password": _("A password has 10 characters or more."),
    "new_password": _("A password has 10 characters or more."),
    "current_password": _("Type the password you use now."),
    "full_name": _("Please write your name, up to 120 characters."),
    "time_zone": _("Please choose a time zone of the list, such as Africa/Nairobi."),
    "permissions": _("Please choose at least one."),
    "description": _("A description has up to 300 characters."),
    "title": _("Please write a title, up to 200 characters."),
    "slug": _("An address has small letters, digits and hyphens only."),
    "question": _("Please write a question."),
    "answer": _("Please write an answer, up to 8000 characters."),
    "name": _("Please write a name."),
    "time_limit_seconds": _("Please give minutes, at least a few seconds and at most a week."),
    "attempts_allowed": _("Please give a whole number from 1 to 1000, or nothing."),
    "passing_percent": _("Please give a whole number from 0 to 100."),
    "networks": _("Please write one address or range a line, such as 10.1.0.0/16 or 2001:db8::/32."),
    "wrong_choice": _("Wrong choices cost points by this behaviour already. Let them cost nothing here."),
    "wrong_choice_percent": _("Please say from 0 to 100 how many percent a wrong choice costs."),
    "overall_feedback": _("Two bands of feedback begin at the same percentage. Give each its own."),
    "from_percent": _("Please give a percentage from 0 to 100."),
    "opens_at": _("Please give a date and time, or nothing."),
    "closes_at": _("Please give a date and time, or nothing."),
    "due_at": _("Please give a date and time, or nothing."),
    "stars": _("Please choose from one to five stars."),
    "text": _("This is too long: please shorten it to 4000 characters."),
    "body": _("This is too long: please shorten it to 20,000 characters."),
    "at": _("Please give a date and time, or nothing."),
    "starts_on": _("Please give a day such as 2027-01-11, or nothing."),
    "maximum": _("Please give points, more than 0 and at most 100,000."),
    "points": _("Please give points as a number, or nothing."),
    "weight": _("Please give a weight from 0 to 10,000."),
    "drop_lowest": _("Please give a whole number from 0 to 500."),
    "keep_highest": _("Please give a whole number from 1 to 500, or nothing."),
    "pin": _("A KRA PIN is a letter A or P, nine digits and a letter, such as P051234567X."),
    "phone": _("Please write a phone number such as 0712 345678."),
    "account": _("An account number has 4 to 34 letters and digits."),
    "legal_name": _("Please write the name the institution is registered under."),
    "hold_days": _("Please give a whole number of days from 0 to 365."),
    "holder": _("Please write the name the account is in."),
    "bank": _("Please write the bank's name."),
    "swift": _("A SWIFT code has 8 or 11 letters and digits, such as KCBLKENX."),
    "window_days": _("Please give a whole number of days from 1 to 365."),
    "number": _("Please write it as the control unit gave it."),
    "serial": _("Please write it as the control unit gave it."),
}
# By code, refusals in the words of the pages; others are told in the words of the refusal.
REFUSALS = {
    "foreign_login_refused": _("What the other service sent could not be trusted. Please begin again."),
    "address_not_confirmed": _(
        "There is an account with your address, and it is not certain that it is yours. Log in with its password and "
        "confirm the address; then this way in works too."
    ),
    "domain_refused": _("Choose your account of this institution at the other service."),
    "provider_unreachable": _("The other service does not answer. Try again, or log in with your password."),
    "challenge_expired": _("This login took too long. Please begin again."),
    "code_refused": _("This code is mistyped, too old, or was used before. Wait for the next one."),
    "passkey_refused": _("This passkey is of another account or site, or was removed here. Log in another way."),
    "passkey_not_taken": _("The device's answer is not right, or the passkey is there already. Begin again."),
    "too_many_keys": _("You have fifty keys. Revoke one that nothing uses, then make another."),
    "second_factor_on": _("Your account already has an authenticator."),
    "second_factor_off": _("Your account has no authenticator."),
    "login_refused": _(
        "The e-mail address or the password is not right. After several wrong passwords an account pauses for a while."
    ),
    "account_closed": _("This account is closed. Ask the administrators of your institution to open it again."),
    "email_taken": _("There already is an account with this address. Log in instead, or ask for a new password."),
    "wrong_password": _("The present password is not right."),
    "link_expired": _("The link was used before, or is too old. Ask for a new one; it comes by mail."),
    "too_many_requests": _("That was too often. Please wait a minute and try again."),
    "nothing_to_publish": _("The course has no lesson to read yet. Add or import one, then publish."),
    "still_published": _("Archive the course first; after that it can be deleted."),
    "last_admin": _("This is the last administrator. Make somebody else an administrator first."),
    "export_too_soon": _("There is one archive a day. Try again tomorrow."),
    "export_gone": _("This archive is not there any more. Ask for a new one; an archive is kept for 7 days."),
    "last_owner": _("This is the last owner of the course. Give the course to somebody else first."),
    "already_staff": _("This person is on the staff already. Change their role in the list."),
    "too_many_invitations": _("Too many invitations are open. Withdraw some that nobody answers."),
    "invitation_not_found": _("The invitation was answered or withdrawn, is too old, or was sent to another address."),
    "announcement_not_found": _("The announcement was deleted, is not sent yet, or is not for you."),
    "announcement_sent": _("The announcement is sent. Change its words, or delete it and write another one."),
    "announcement_time_past": _("This time is over. Choose a time to come, or send it now."),
    "not_yet_reviewable": _("A review is for learners who completed at least one lesson."),
    "review_not_there": _("The review was deleted or hidden, or its course is not open to you."),
    "confirm_first": _("This asks for your password, a code or a passkey of the last 15 minutes."),
    "roster_not_found": _("This list is not there any more: lists are kept for 30 days. Upload it again."),
    "roster_started": _("This list was started before. To carry out a changed list, upload it again."),
    "quiz_not_found": _("The quiz does not exist, is not published, or you are not enrolled in its course."),
    "attempt_not_found": _("The attempt does not exist, or it is somebody else's."),
    "attempt_over": _("The attempt is over. Open the quiz to see it."),
    "attempt_state": _("The attempt is not at this point any more. Load its page again."),
    "regrade_running": _("A regrade of this quiz is under way. Wait until it is done, and look at what it changed."),
    "regrade_not_found": _("The regrade does not exist, or its course is not yours to mark."),
    "results_not_open": _("An attempt is not handed in, or this quiz does not show results yet."),
    "question_draft_not_found": _("The draft does not exist any more, or its course is not yours to edit."),
    "question_draft_decided": _("This draft was approved or rejected meanwhile. Load the list again."),
    "question_draft_stale": _("The lesson changed since this draft was made. Look for questions in it again."),
    "question_drafting_running": _("Questions of this course are being looked for. Wait until that is done."),
    "no_more_files": _("This question has every file it may have. Take one back to hand in another."),
    "answer_file_not_found": _("There is no such file in this attempt. Load its page again."),
    "quiz_not_open": _("The quiz is not open now."),
    "quiz_too_soon": _("There is a pause between attempts. Open the quiz to see when the next one can start."),
    "quiz_password_wrong": _("This is not the password of the quiz. Ask your instructor for it, and mind capitals."),
    "network_not_allowed": _(
        "Your device is not in a network from which this quiz may be taken. Go to the room, or connect to the network, "
        "that your instructor named."
    ),
    "question_not_checked": _("This question is judged when the attempt is handed in. Your answer is kept until then."),
    "no_attempts_left": _("You have used every attempt."),
    "quiz_empty": _("The quiz has no question yet. Add one, save, and try again."),
    "quiz_has_attempts": _("Learners have attempts at this quiz. Unpublish it instead of deleting it."),
    "assistant_closed_during_exam": _(
        "The quiz you are taking does not allow the assistant. Submit it first; then ask again."
    ),
    "version_conflict": _("Somebody published this lesson while you were writing. Your text is still here."),
    "draft_moved": _("You saved this draft in another window. Save again to put this text in its place."),
    "draft_not_found": _("A draft was published or discarded meanwhile. Look at the list again."),
    "drafts_in_the_way": _(
        "Nothing was published: a ticked draft is outdated, was changed, has no title, or is one of two of a lesson."
    ),
    "grade_locked": _("The grade or its column is locked. Unlock it first, then change it."),
    "grade_moved": _("Somebody else, or a quiz, changed this grade. Load it again and decide anew."),
    "grade_column_not_found": _("The column was deleted, or belongs to another course. Load the gradebook again."),
    "grade_category_not_found": _("The category was deleted, or belongs to another course. Load the page again."),
    "grade_column_of_source": _("It goes when its quiz goes. Leave it out of the total, or hide it."),
    "learner_not_found": _("The person is not enrolled in this course. Load the gradebook again."),
    "lesson_locked": _("It opens when its conditions are met. The course's page shows what is open."),
    "condition_refused": _("A condition names something that is not there, or not yours to see."),
    "cohort_name_taken": _("The course has a cohort of this name. Choose another one."),
    "cohort_not_found": _("There is no such cohort, or its course is not yours to edit."),
    "not_done_yet": _("This lesson completes by itself when everything it asks for is done."),
    "path_not_found": _("The path does not exist, or is not published."),
    "path_not_ready": _("A path needs at least one course, and all of its courses published."),
    "path_slug_taken": _("Another path has this address. Choose another one."),
    "is_template": _("Make a course from the template and publish that, or stop offering it as a template."),
    "copy_not_found": _("The copy's course was deleted, or somebody else made it."),
    "beginning_not_found": _("The template is not there any more. Choose another one."),
    "slug_taken": _("Another course has this address. Choose another one."),
    "assignment_not_found": _(
        "The assignment does not exist, is not published, or you are not enrolled in its course."
    ),
    "submission_not_found": _("The submission does not exist, or it is not yours to see."),
    "assignment_not_open": _("The assignment is not open yet."),
    "submission_closed": _("The time is over: nothing is taken any more. Ask your instructor for an extension."),
    "no_submissions_left": _("You have used every attempt."),
    "submission_empty": _("Write your answer or add a file, then submit."),
    "submission_changed": _(
        "The draft was saved in another window or by somebody of your group. Copy your text and load the page again."
    ),
    "no_group": _("This assignment is handed in by groups. Ask your instructor to put you into one."),
    "assignment_in_use": _("Learners have begun this assignment: this part of it stays. Unpublish it to hide it."),
    "scheme_in_use": _("Work was marked by this, so it stays as it is. Save a copy and change that."),
    "mark_incomplete": _("Judge every criterion or give points, save, and release it then."),
    "reviews_not_drawable": _("The reviews cannot be given out: too few handed in, or somebody has written one."),
    "review_not_found": _("The review does not exist, or it is not yours to write."),
    "certificate_not_found": _("There is no such certificate, or it is not yours to manage."),
    "certificate_prepared": _("The document is being signed. It is here in a moment; load the page again."),
    "question_import_not_found": _(
        "It does not exist, was forgotten after 30 days, or its course is not yours to edit."
    ),
    "question_import_started": _("It was confirmed before. To bring the questions in again, upload the file again."),
    "nothing_to_import": _("No question of the file can come. The report says why for each."),
    "too_many_questions": _("A quiz holds at most 300 questions. Bring these into a new quiz instead."),
    "document_not_found": _("The document does not exist, or it is somebody else's."),
    "document_prepared": _("The document is being printed. It is here in a moment; load the page again."),
    "control_unit_not_used": _("Only invoices and credit notes issued while eTIMS is on carry these data."),
    "bank_account_not_found": _("There is no bank account for this currency any more. Load the page again."),
    "already_affiliate": _("This person has a link already. Change that one instead."),
    "code_taken": _("There is one with this code already. Choose another code."),
    "shares_too_high": _("All shares of a course together are at most 100 %."),
    "earner_not_found": _("Nobody here has this address."),
    "payout_batch_not_found": _("The batch or payout does not exist. Load the list of payouts again."),
    "payout_batch_moved": _("Somebody else moved the batch on. Load its page again."),
    "nothing_due": _("Nobody can be paid out this way in this currency now. The list says why for each."),
    "second_person_needed": _("You approved this batch already. Its sum needs somebody else's approval, too."),
    "payout_already_held": _("Payouts to this person are on hold already."),
    "plan_not_found": _("The plan does not exist, or is not offered any more. Look at the list of plans."),
    "plan_price_not_found": _("The price was replaced meanwhile, or its plan is not offered. Look at the plans again."),
    "no_subscription": _("There is no subscription of yours now. Choose a plan to begin one."),
    "already_subscribed": _("You have a subscription already. Change its plan instead of beginning another one."),
    "subscription_state": _("The subscription does not allow this now. Load its page again to see how it stands."),
    "other_currency": _("A subscription keeps its currency. Choose a price in the same one."),
    "same_price": _("The subscription has this plan and price already. Choose another one."),
    "pause_too_long": _("A pause ends after today and lasts 90 days at most. Choose another day."),
    "nothing_to_pay": _("Nothing of your subscription waits for payment now."),
    "course_not_in_plan": _("The course is not part of your plan, or your subscription is not open now."),
    "too_much_to_pay": _("The sum is larger than any payment can be. Choose fewer seats."),
    "seats_taken": _("More seats are given away than that. Take some back first, or add seats."),
    "seat_not_found": _("The seat was taken back, or a newer letter has another link. Ask whoever gave it to you."),
    "seat_claimed": _("Somebody took this seat already, or you have a seat of this subscription."),
    "allowance_used": _(
        "You have used what your plan includes. The page of your subscription says when it begins anew."
    ),
    "plan_not_ready": _("A plan that is offered needs a price, and courses that it opens. Add them first."),
    "not_found": _("The address is wrong, or it is not open to you."),
    "course_not_found": _("The course does not exist, is not published, or is not open to you."),
    "lesson_not_found": _("The lesson does not exist, or you are not enrolled in its course."),
    "cross_site_request": _("The page was open for too long. Open it again and repeat what you did."),
    "forbidden": _("This is for others: ask an instructor or administrator."),
    "too_large": _("This is larger than allowed."),
    "internal": _("It has been written down under the number below. Trying again may help."),
    "unavailable": _("A part of the service does not answer. Try again in a minute."),
}

TITLES = {
    403: _("You may not do this"),
    404: _("There is nothing here"),
    405: _("There is nothing here"),
    409: _("This does not go together"),
    413: _("This is too large"),
    422: _("Something in the address or form is not right"),
    429: _("Please wait a little"),
    500: _("Something went wrong on our side"),
    503: _("This is not available right now"),
}


def errors_of(error: ValidationError | DomainError, words: NullTranslations) -> Errors:
    """What to say by field; under "" what is about the whole form."""
    if isinstance(error, ValidationError):
        return {name: words.gettext(FIELD_HELP.get(name, message)) for name, message in _fields(error.errors())}
    if error.fields:
        told = ((each["field"], each["message"]) for each in error.fields)
        return {field: words.gettext(message) for field, message in told}
    return {"": words.gettext(REFUSALS.get(error.code, error.detail))}


def _fields(details: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for each in details:
        yield (str(each["loc"][-1]) if each["loc"] else "", str(each["msg"]))
