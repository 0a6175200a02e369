"""Refusals of uploads and imports in the reader's language.

What refuses a file writes an English sentence with its own numbers and names in
it, which the database keeps and the API tells. A page finds the sentence again
by its pattern, and says it in another language with the same numbers and names.
"""

import re
from functools import cache
from gettext import NullTranslations

from pydantic import ValidationError

from api.web.forms import REFUSALS, Errors, errors_of
from lms_core.kit.errors import DomainError

LONGEST = 2000  # characters; what is longer was not written by us


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


SENTENCES = (
    _("it is about a payment that is not ours"),
    _("it is about a refund that is not ours"),
    _("it is about a payout that is not ours"),
    _("the provider does not confirm it yet"),
    _("finance was told: nobody asked for this refund here"),
    _("it cannot be read any more"),
    _("The course it is copied from was deleted meanwhile. Delete the empty draft."),
    _("Copying did not succeed. Delete the empty draft and try again."),
    _("This file is no longer stored."),
    _("A cover is a PNG, JPEG, WebP, GIF or AVIF picture."),
    _("A file has at most %(limit)s MB. Shrink it or cut it in parts."),
    _("A category's name needs a letter or digit of the Latin alphabet, for its address."),
    _("There is a category '%(slug)s' already. Use it, or choose another name."),
    _("A category cannot go into itself, or into one inside it."),
    _("Categories go %(levels)s levels deep at most. Choose one further out."),
    _("The courses cannot stay in the category that goes. Choose another one, or none."),
    _("One quiz uses it. Take it out of them first; a question can be retired instead."),
    _("%(number)s quizzes use it. Take it out of them first; a question can be retired instead."),
    _("A category cannot stand in itself. Choose another place for it."),
    _("A category in it has the name of one that stands beside it. Rename one of them first."),
    _("Nobody here has this address."),
    _("Nobody gives what they do not hold in this course. Ask one of its owners."),
    _("This person holds rights in the course that you do not hold. Ask one of its owners."),
    _("Choose somebody who teaches in the institution; others are invited by their address."),
    _("This person is not on the staff of the course. Load the page again."),
    _("The file has more than 5 MB. Split it."),
    _("The first line names no column of e-mail addresses. Call one “email” or “barua pepe”, and save as CSV."),
    _("The first line names no column of names. Call one “name” or “jina”."),
    _("The file has more than 10,000 people. Split it."),
    _("The file has a header and nobody in it. Add a line for each person."),
    _("This is no text file. Export the list as CSV (UTF-8) and upload that."),
    _("The file holds NUL characters, so it is damaged or no CSV. Export it again."),
    _("Line %(number)s is not CSV (%(why)s). Export the list again."),
    _("This person holds rights that you do not hold. Ask an administrator."),
    _("Nobody gives, changes or closes what they do not hold. Ask an administrator."),
    _("You act as people with fewer rights than yours, and with an open account, only."),
    _("There already is a role with this name. Choose another one."),
    _("Only administrators manage roles, and nobody gives what they do not hold. Ask one of them."),
    _("SVG can hold scripts. Save the picture as PNG, then upload that."),
    _("Web pages can hold scripts. Import the page as a lesson, or save it as PDF."),
    _("Browsers do not show HEIC. Save the photo as JPEG, then upload that."),
    _(
        "The content is none of the kinds taken here: pictures (PNG, JPEG, WebP, GIF, AVIF), videos (MP4, MOV, WebM, "
        "MKV), sound (MP3, WAV, OGG), PDF, text, ZIP and office documents."
    ),
    _("A virus was found in the file (%(virus)s), so nobody can open it. Clean your computer of it."),
    _("The picture has more than 50 megapixels. Save it smaller."),
    _("The picture cannot be read: it is damaged. Export it again."),
    _("ffmpeg is not installed on this server. Ask whoever runs it to install it, then try again."),
    _("The video is damaged or in a format that cannot be read. Export it as MP4 (H.264), then upload that."),
    _("Reading the video took too long and was stopped. Export it as MP4 (H.264), or cut it in parts."),
    _("The file holds sound but no moving picture. Upload sound as MP3."),
    _("A video plays for %(hours)s hours at most. Cut it in parts."),
    _("A video has at most %(pixels)s pixels a side. Export it at 720p."),
    _("The file is damaged (%(why)s). Export it again from its source, then import that."),
    _("The document holds no text that can be read (only shapes or pictures). Put the text into paragraphs."),
    _("Unpacked, the document would take %(size)s MB; at most %(limit)s MB are read. Shrink its pictures or split it."),
    _("The Word document is damaged. Open it in Word, save it again as DOCX and import that."),
    _("The file is a ZIP archive but no Word document. Save it as DOCX in Word."),
    _("The document is encrypted. Remove the password and save it again."),
    _("The file is not a whole Jupyter notebook. Open it in Jupyter, save it again and import that."),
    _("The notebook has no text and no code. Add some cells, then import it again."),
    _("The PDF has %(count)s pages; at most %(limit)s are read. Split it into parts and import those."),
    _("The PDF holds pictures of pages (a scan) without any text. Run text recognition (OCR) and import that."),
    _("The PDF is damaged or cut short. Download or export it again, then import it."),
    _("The PDF has no pages: it is damaged. Export it again from its source."),
    _("The PDF is protected by a password. Save a copy without a password and import it."),
    _("Reading the file crashed its reader: it is damaged. Export it again from its source, then import that."),
    _("Reading the file takes too much memory. Split it, or export it again more simply."),
    _("Reading took longer than %(seconds)s seconds and was stopped. Split the file."),
    _("The text has %(count)s characters; at most %(limit)s are read. Split the file."),
    _("The page holds no text of its own (only scripts or menus). Save the finished page and import that."),
    _("The file has %(size)s MB; at most %(limit)s MB are read. Split it, or leave out large pictures."),
    _("The file holds no text. Check that it was saved whole, then import it again."),
    _("The file cannot be opened (%(why)s). Check its permissions and try again."),
    _("The file is no whole %(kind)s document: it is damaged. Download or export it again."),
    _(
        "The name says %(named)s, but the content is %(found)s. Rename it to fit its content, or export "
        "it again as %(wanted)s."
    ),
    _("This is an old Word document (.doc) under a .docx name. Save it as DOCX in Word."),
    _("There is no reader for %(kind)s. Save it as one of these: %(supported)s."),
    _("There is no reader for %(ending)s files. Export it as PDF, DOCX or Markdown and import that."),
    _("The file is empty. Check that it was saved and copied whole, then import it again."),
    _("The document is protected by a password. Remove the password in Word and save."),
    _("The file holds binary data, not text. Import it under the name that fits its kind, or save it as UTF-8 text."),
    _("There is no file or folder named %(name)s. Check the path and try again."),
    _("The file is no whole ZIP archive. Download or pack it again, then import it."),
    _(
        "Unpacked, the archive would have %(files)s files and %(size)s MB; at most %(most_files)s files "
        "and %(limit)s MB are read. Leave out what the course does not need."
    ),
    _("The archive is damaged. Download or pack it again, then import it."),
    _("The archive holds no files. Pack the course again and import that."),
    _("The archive is protected by a password. Unpack it and pack it without one."),
    _("The name points outside the archive, so the file was left out. Pack the course again."),
    _("This is a symbolic link, so it was left out. Pack the file itself."),
    _("The file is protected by a password. Pack it without one."),
    _("Unpacked, the file would take more than %(limit)s MB. Shrink or leave it out."),
    _("The file inflates like a zip bomb, so it was left out. Pack it again without padding."),
    _("The archive holds this name twice; only the first was read. Rename one of them."),
    _("The file cannot be unpacked (%(why)s). Pack the course again."),
    _("No lesson was found in %(name)s (%(path)s: %(reason)s). Put Markdown files or documents into it."),
    _("No lesson was found in %(name)s. Put Markdown files or documents into it."),
    _("%(page)s shows this picture, but it is not among the files. Add it at this path and import again."),
    _("The file is larger than %(limit)s MB, so lessons cannot show it. Make it smaller."),
    _("This is a link to a place outside the course, so it was left out. Copy the file itself."),
    _("The folder holds more than %(limit)s files; the rest was left out. Import a smaller folder."),
    _("Something unexpected went wrong, and again when it was repeated. Try again later, or import fewer files."),
    _("Choose at least one file, or a folder with files in it."),
    _("“%(path)s” points outside the course or is too long. Rename the file and upload it again."),
    _("“%(path)s” is both a file and a folder. Rename the file and upload them again."),
    _("Two files are called “%(path)s”. Rename one of them and upload them again."),
    _("It has ended, or its lessons are being stored. Delete the course or the lessons instead."),
    _("Its files were kept for %(days)s days and are gone. Upload them again."),
    _("Making courses is for instructors. Ask an administrator for the role."),
    _("This takes at most %(limit)s MB. Send less, or split it."),
    _("This takes at most %(limit)s kB. Send less, or split it."),
    _("Only a failed or cancelled import can be tried again"),
    _("Say why: this takes the place of what the quiz gave."),
    _("The column has %(points)s points. Give as many or fewer."),
    _("Somebody has %(points)s points. Give the column as many or more."),
    _("Please write a title."),
    _("Please give the points of the column."),
    _("Categories are nested one level: choose one that stands in no other."),
    _("There is a category of this name already. Choose another name."),
    _("The table is larger than 10 MB. Split it into parts and import those."),
    _("The table is empty. Export the gradebook, fill it in, and import that."),
    _("The table is neither XLSX nor CSV in UTF-8. Save it as one of these and import that."),
    _("The CSV is damaged. Export it again, then import that."),
    _("The XLSX is damaged. Export it again, then import that."),
    _("The table has more than %(rows)s rows or %(columns)s columns. Split it into parts."),
    _("The XLSX unpacks to too much, or is built in a way spreadsheets are not. Save it anew and import that."),
    _("The first row names neither “%(id)s” nor “%(email)s”. Begin with an exported table."),
    _("The table changes more than %(limit)s grades. Split it into parts."),
    _("The changes cannot be read. Choose the table again."),
    _("The file declares entities of its own, which is how files attack those who open them. Export it again."),
    _("The file is no whole XML document (%(why)s). Export it again, and import that."),
    _("A file of questions has at most %(size)s MB. Export fewer questions at once."),
    _("“%(name)s” is a glossary of %(number)s entries, not a question bank. Export the questions instead."),
    _("This is the list of a package without the package. Import the whole ZIP file."),
    _("The archive holds no questions in QTI. Export them as a QTI package, and import that."),
    _("No question was found in “%(name)s”. Questions are read from %(formats)s."),
    _("This is XML of another kind (%(root)s). Questions come in %(formats)s."),
    _("Whoever uploaded the file has no account any more. Upload it again."),
    _("Something unexpected went wrong, and again when it was repeated. Upload the file again."),
    _("This is a device or a pipe and no file, so it was left out. Pack files only."),
    _("The page is longer than lessons may be, so its end was cut off. Split it and import again."),
    _("The package has more lessons than a course may have. Import it in parts."),
    _("The report names the first ones only. Look the others up in the package."),
    _("Lessons show no foreign players, so there is a link in its place. Upload the film to the course."),
    _("Lessons embed no foreign pages, so there is a link in its place. Open it from there."),
    _("Scripts of packages do not run here; the text of the page came over. Check what it showed."),
    _("Fields and buttons of a page did nothing without its scripts. Make a quiz of them if it was one."),
    _("Outside tools are not connected here. Link to it in a lesson, if it opens without an account."),
    _("Courses have no discussions here. What it asks stands in a lesson, where it had a text."),
    _("Polls and surveys have no right answer and are not part of quizzes here. Ask it another way."),
    _("Its task became a lesson; who marks whom and the rubric did not. Make an assignment of it."),
    _("It has no text of its own. Make an assignment in its place."),
    _("Things dragged onto a picture are no question type here. Ask it as matching or by places in it."),
    _("Learners complete each lesson here. Nothing is to be done."),
    _("Quizzes have fixed questions here; all that could be drawn came over. Remove some if it is too long."),
    _("Who sees what, and when, is not told by packages in our words. Set it under Release."),
    _("Dates of opening and closing stayed behind. Set them here."),
    _("Time limits, attempts and dates stayed behind. Set them in the quiz."),
    _("Weights and grade letters stayed behind. Set them in the gradebook."),
    _("Accounts, enrolments, grades, attempts and posts are never imported. Enrol people here."),
    _("Learners did not see it there, so it is a draft here. Publish it when it is ready."),
    _("It leads to something that is not in the package, or to what stands elsewhere already. Check it."),
    _("This part cannot be read. Export the package again."),
    _("This kind of component is not known here. Rebuild it by hand if it is needed."),
    _("Questions have no hints to ask for here; the feedback came over. Put them into the feedback if needed."),
    _("News, handouts, the wiki and textbooks stayed behind. Make lessons of what is needed."),
    _("The transcript is not in the package or cannot be read. Add it to the lesson."),
    _("Interactive content does not run here; its readable text came over. Rebuild what it asked."),
    _("It is made by scripts, which do not run here, and holds no text of its own. Rebuild it by hand."),
    _("Scores and progress that its scripts would report are not kept here. Add a quiz if it is to count."),
    _("Rules of the order in which parts open stayed behind. Set them under Release."),
    _("It only opens the other pages, which are lessons here. Nothing is to be done."),
    _("No lesson shows it or links to it, so it stayed behind. Upload it to the course if it is needed."),
    _("It is a draft here, without dates and rubric. Check it and publish it."),
    _("Question banks are no lessons. Bring them in as questions of a quiz."),
    _("It is named but not in the package. Export the package again with its files."),
    _("Files of this kind cannot be shown or linked here. Save it as PDF or a picture and add it."),
    _("Settings of the other system stayed behind. Set what is needed here."),
    _("The file is too large for a lesson. Make it smaller, or upload it to the course."),
    _("It is judged by a program, and programs of packages do not run here. Write it as another type."),
    _("Its answer is a pattern, which short answers do not know here. List the words that are right."),
    _("Its numbers are computed by a program. Write it as a formula question."),
    _("There is no question type like it here. Ask it another way."),
    _("Its right answer is missing or cannot be read. Write it anew."),
    _("Not all that earned points there earns them here. Check the question."),
    _("It is longer or has more parts than questions have here. Shorten it and write it anew."),
    _(
        "%(name)s holds nothing that could become a lesson (%(path)s: %(reason)s). Check that it is the "
        "export of a whole course."
    ),
    _("%(name)s holds nothing that could become a lesson. Check that it is the export of a whole course."),
    _("The H5P file does not say what it holds. Export it again from its source."),
    _("%(name)s has %(size)s MB; at most %(limit)s MB are read. Leave parts out."),
    _("The package holds more than %(limit)s files. Leave out what the course does not need."),
    _("%(name)s is damaged: it is no JSON. Export the package again."),
    _("%(name)s declares entities, which can blow up or fetch files. Export the package again without them."),
    _("%(name)s is damaged: it is no whole XML. Export the package again."),
    _("%(name)s is missing. Export the package again."),
    _("This is a backup of Moodle 1.9 or older, which is not read. Restore it in Moodle 2 and back it up there."),
    _(
        "The package's imsmanifest.xml holds no manifest, so nothing says what its lessons are. Export the "
        "package again from the program that made it."
    ),
    _(
        "This is %(what)s, which is not read. Export the course as Common Cartridge, SCORM, OLX, a Moodle "
        "backup or Markdown, and import that."
    ),
    _("The code is mistyped, not valid now, or over. Check it, or go on without it."),
    _("The code was used as often as it may be. Go on without it."),
    _("Put something into the cart first."),
    _("There is no such product, or it is not sold any more. Look at the prices again."),
    _("The amounts are too large for one order. Order fewer at a time."),
    _("It is for those who bought it. Open its page to see the price and buy it."),
    _("“%(title)s” is open to you already. Take it out of the cart, or buy it for somebody else."),
    _("The code is for other products. Put one of them into the cart, or go on without it."),
    _("The code is for a first purchase. Go on without it."),
    _("The code is for prices in %(currency)s. Choose that currency, or go on without it."),
    _("There are more addresses than seats. Buy more seats, or leave some addresses out."),
    _("An address stands there twice. Leave one of them out."),
    _("Somebody opened this gift already. Ask whoever gave it."),
    _("Less than this is left to give back: refunds on their way count, too."),
    # Why a question of a file, or of a form, is none: fragments that stand after a colon.
    _("it has more than %(limit)s parts of one kind"),
    _("a part of it is missing"),
    _("a text of it has more than %(limit)s characters"),
    _("a text of it is empty"),
    _("a text of it holds control characters"),
    _("a number of it is out of range"),
    _("a number of it cannot be read"),
    _("a numeric question needs the right value"),
    _("a short text question needs at least one accepted answer"),
    _("a question of this type needs its key: a `key` of type %(type)s"),
    _("this question needs at least two choices"),
    _("a true/false question has exactly two choices"),
    _("mark at least one choice as correct"),
    _("mark exactly one choice as correct"),
    _("give every choice a weight, or none"),
    _("mark the right option of each gap"),
    _("a word for no gap is the same as the word of a gap"),
    _("offer at least two different words"),
    _("two left sides are the same"),
    _("a wrong right side is the same as a right one"),
    _("offer at least two right sides"),
    _("two items are the same"),
    _("the text has no place for gap %(number)s: write %(mark)s where it belongs"),
    _("the text has a gap twice: number them 1, 2, 3 ..."),
    _("the text has gap %(number)s, which has no answer"),
    _("%(name)s: the minimum is above the maximum"),
    _("%(name)s: more than %(count)s values; make the step larger"),
    _("%(name)s is a name of the formula language; choose another"),
    _("significant figures are a whole number from 1 to 12"),
    _("two variables have the same name"),
    _("two units have the same name"),
    _("the formula names %(name)s, which is no variable of the question"),
    _("the formula is longer than %(count)s characters"),
    _("the formula cannot go on with %(sign)s"),
    _("the formula has no value here: %(why)s"),
    _("the formula has no finite value here"),
    _("the formula cannot be read at %(part)s"),
    _("the formula is nested too deeply"),
    _("there is no function %(name)s; there are %(all)s"),
    _("%(name)s takes %(wanted)s and was given %(count)s"),
    _("braces hold the name of a variable"),
    _("the formula ends too early"),
    _("the formula misses a %(sign)s"),
    _("The Idempotency-Key was sent before with other values. Use a new key for a new request."),
    _("A prompt is open on the phone. Answer it, or wait a minute and try again."),
    _("“%(title)s” is open to you already, so nothing was charged. Cancel this order, and order without it."),
    _(
        "“%(title)s” is being paid for with order %(number)s, so nothing was charged here. Finish paying there, or "
        "cancel that order; then come back here."
    ),
    _(
        "“%(title)s” is being paid for with order %(number)s, so nothing was charged here. Its prompt may still be on "
        "the phone: decline it there, or wait two minutes and try again."
    ),
    _("Write the number as 0712 345 678 or +254 712 345 678."),
    _("This way to pay is not available for this amount. Choose another one."),
    _("This way to pay is no longer kept. Choose another one."),
    _("This was tried too often. Order again, or ask for help."),
    _("It is %(state)s already. Go back to the order to see where it stands, or order again."),
    _("Less than this is left of the payment: earlier refunds count, also those on their way."),
    _("The payment is %(state)s. Only money that came in and is not in dispute goes back."),
    _("Somebody decided this meanwhile. Load the page again to see how."),
    _("What was sent is not what is asked for. Send it back, or ask for the amount that was sent."),
    _("This came with a second payment. Refund that payment: the money goes back the same way."),
    _("A slip with this bank reference was approved before: one transfer pays once."),
    _("A slip has at most 5 MB. Send a smaller picture."),
    _("Fill in what is needed, and nothing else."),
    _("The sandbox moves play money: it is for test accounts only."),
    _("Only who looks after the finances sees this. Ask an administrator for the right to read them."),
    _("Only who manages the finances does this. Ask an administrator for that right."),
    _("You are acting as somebody else, and nobody pays in another's name. Stop acting as them first."),
    _("Only a callback that was accepted in the last three months can be worked on again."),
    _("You handed this slip in yourself. Somebody else in finance looks whether the money came."),
    _("Compare a time of at most three months, with a time zone."),
    _("Choose the account to compare."),
    _("This order waits for no payment any more."),
    _("nothing has this reference; it has eleven characters, such as those an order shows"),
    _("send a PDF or a picture"),
    _("this is needed"),
)


def told(words: NullTranslations, *, code: str, text: str) -> str:
    """`text`, a refusal with this `code`, in the language of `words`: the sentence itself, else what its code means."""
    return translated(words, text) or words.gettext(REFUSALS.get(code, text))


def errors_told(words: NullTranslations, error: ValidationError | DomainError) -> Errors:
    """What to say by field; a refusal in its own sentence where that is known, since it says what to do."""
    if isinstance(error, ValidationError) or error.fields:
        return errors_of(error, words)
    return {"": told(words, code=error.code, text=error.detail)}


def translated(words: NullTranslations, text: str) -> str | None:
    """`text` in the language of `words`, with its own numbers and names; None when it is no sentence of ours."""
    if len(text) > LONGEST:
        return None
    for sentence in SENTENCES:
        found = _pattern(sentence).fullmatch(text)
        if found is not None:
            values = found.groupdict()
            if "reason" in values:  # a sentence within a sentence
                values["reason"] = translated(words, values["reason"]) or values["reason"]
            return words.gettext(sentence) % values
    return _two(words, text)


def _two(words: NullTranslations, text: str) -> str | None:
    """The first file of an archive that was left out, why, and why nothing else came in."""
    path, colon, rest = text.partition(": ")
    for end in re.finditer(r"\. ", rest) if colon else ():
        first, second = rest[: end.start() + 1], rest[end.end() :]
        halves = [
            next((each for each in SENTENCES if _pattern(each).fullmatch(half)), None) for half in (first, second)
        ]
        if all(halves):
            return f"{path}: {translated(words, first)} {translated(words, second)}"
    return None


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = re.split(r"%\((\w+)\)s", sentence)
    return re.compile(
        "".join(f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)), re.DOTALL
    )
