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
    "email": _("Please write an e-mail address such as amina@example.org."),
    "password": _("A password has 10 characters or more."),
    "new_password": _("A password has 10 characters or more."),
    "current_password": _("Type the password you use now."),
    "full_name": _("Please write your name, up to 120 characters."),
    "time_zone": _("Please choose a time zone of the list, such as Africa/Nairobi."),
    "title": _("Please write a title, up to 200 characters."),
    "slug": _("An address has small letters, digits and hyphens only."),
    "question": _("Please write a question."),
    "answer": _("Please write an answer, up to 8000 characters."),
    "name": _("Please write a name."),
}
# By code, refusals in the words of the pages; others are told in the words of the refusal.
REFUSALS = {
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
    "version_conflict": _(
        "Somebody else saved this lesson meanwhile. Copy your text, load the page again, and bring it in."
    ),
    "slug_taken": _("Another course has this address. Choose another one."),
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
