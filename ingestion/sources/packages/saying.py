"""What of packages does not come over, in words: what it is, why it stayed, and what to do. Pages translate these."""

from typing import NamedTuple

LONGEST_DETAIL = 160


class Lost(NamedTuple):
    """What it is, and why it did not come over. A second sentence of `why` says what to do."""

    what: str
    why: str


def of(kind: Lost, detail: str) -> Lost:
    """The same with a name or an address of its own."""
    clean = " ".join(detail.split())[:LONGEST_DETAIL]
    return Lost(f"{kind.what}: {clean}", kind.why) if clean else kind


TOO_LONG = Lost(
    "Long page", "The page is longer than lessons may be, so its end was cut off. Split it and import again."
)
TOO_MANY = Lost("Further items", "The package has more lessons than a course may have. Import it in parts.")
REST = Lost("Further items", "The report names the first ones only. Look the others up in the package.")
PLAYER = Lost(
    "Player", "Lessons show no foreign players, so there is a link in its place. Upload the film to the course."
)
EMBEDDED = Lost("Embedded page", "Lessons embed no foreign pages, so there is a link in its place. Open it from there.")
SCRIPT = Lost("Script", "Scripts of packages do not run here; the text of the page came over. Check what it showed.")
FORM = Lost("Form", "Fields and buttons of a page did nothing without its scripts. Make a quiz of them if it was one.")
TOOL = Lost(
    "Tool (LTI)", "Outside tools are not connected here. Link to it in a lesson, if it opens without an account."
)
DISCUSSION = Lost(
    "Discussion", "Courses have no discussions here. What it asks stands in a lesson, where it had a text."
)
POLL = Lost("Poll", "Polls and surveys have no right answer and are not part of quizzes here. Ask it another way.")
PEERS = Lost(
    "Peer assessment", "Its task became a lesson; who marks whom and the rubric did not. Make an assignment of it."
)
STAFF = Lost("Work marked by staff", "It has no text of its own. Make an assignment in its place.")
DRAG = Lost(
    "Drag and drop", "Things dragged onto a picture are no question type here. Ask it as matching or by places in it."
)
DONE = Lost("Button to mark as done", "Learners complete each lesson here. Nothing is to be done.")
DRAWN = Lost(
    "Random draw",
    "Quizzes have fixed questions here; all that could be drawn came over. Remove some if it is too long.",
)
CONDITION = Lost("Condition", "Who sees what, and when, is not told by packages in our words. Set it under Release.")
DATES = Lost("Dates", "Dates of opening and closing stayed behind. Set them here.")
RULES = Lost("Rules of the quiz", "Time limits, attempts and dates stayed behind. Set them in the quiz.")
GRADING = Lost("Grading", "Weights and grade letters stayed behind. Set them in the gradebook.")
PEOPLE = Lost(
    "People and their work", "Accounts, enrolments, grades, attempts and posts are never imported. Enrol people here."
)
HIDDEN = Lost("Hidden lesson", "Learners did not see it there, so it is a draft here. Publish it when it is ready.")
BOOKMARK = Lost(
    "Pointer", "It leads to something that is not in the package, or to what stands elsewhere already. Check it."
)
DAMAGED = Lost("Damaged part", "This part cannot be read. Export the package again.")
UNKNOWN = Lost("Component", "This kind of component is not known here. Rebuild it by hand if it is needed.")
HINTS = Lost(
    "Hints", "Questions have no hints to ask for here; the feedback came over. Put them into the feedback if needed."
)
COURSE_PARTS = Lost(
    "Pages about the course", "News, handouts, the wiki and textbooks stayed behind. Make lessons of what is needed."
)
TRANSCRIPT = Lost("Transcript", "The transcript is not in the package or cannot be read. Add it to the lesson.")
INTERACTIVE = Lost(
    "Interactive content", "Interactive content does not run here; its readable text came over. Rebuild what it asked."
)
NO_TEXT = Lost(
    "Page without text",
    "It is made by scripts, which do not run here, and holds no text of its own. Rebuild it by hand.",
)
TRACKING = Lost(
    "Tracking (SCORM)",
    "Scores and progress that its scripts would report are not kept here. Add a quiz if it is to count.",
)
SEQUENCING = Lost("Sequencing", "Rules of the order in which parts open stayed behind. Set them under Release.")
STARTER = Lost("Opening page", "It only opens the other pages, which are lessons here. Nothing is to be done.")
UNUSED = Lost(
    "File", "No lesson shows it or links to it, so it stayed behind. Upload it to the course if it is needed."
)
ASSIGNMENT = Lost("Assignment", "It is a draft here, without dates and rubric. Check it and publish it.")
QUESTION_BANK = Lost("Question bank", "Question banks are no lessons. Bring them in as questions of a quiz.")
NO_FILE = Lost("File", "It is named but not in the package. Export the package again with its files.")
NOT_A_LESSON = Lost(
    "File", "Files of this kind cannot be shown or linked here. Save it as PDF or a picture and add it."
)
SETTINGS = Lost("Settings", "Settings of the other system stayed behind. Set what is needed here.")
LARGE_FILE = Lost("File", "The file is too large for a lesson. Make it smaller, or upload it to the course.")

# Why a question did not come over.
PROGRAM = Lost(
    "Question", "It is judged by a program, and programs of packages do not run here. Write it as another type."
)
PATTERN = Lost(
    "Question", "Its answer is a pattern, which short answers do not know here. List the words that are right."
)
COMPUTED = Lost("Question", "Its numbers are computed by a program. Write it as a formula question.")
NO_TYPE = Lost("Question", "There is no question type like it here. Ask it another way.")
NO_KEY = Lost("Question", "Its right answer is missing or cannot be read. Write it anew.")
PARTLY = Lost("Part of a question's key", "Not all that earned points there earns them here. Check the question.")
TOO_LARGE = Lost("Question", "It is longer or has more parts than questions have here. Shorten it and write it anew.")
