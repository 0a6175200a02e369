"""Refusals of assessments."""

from datetime import datetime

from lms_core.kit.errors import Conflict, Forbidden, NotFound


class QuizNotFound(NotFound):
    """No such quiz, or not for this person."""

    code = "quiz_not_found"
    title = "There is no such quiz here"

    def __init__(self) -> None:
        super().__init__("The quiz does not exist, is not published, or you are not enrolled in its course.")


class AttemptNotFound(NotFound):
    """No such attempt, or somebody else's."""

    code = "attempt_not_found"
    title = "There is no such attempt here"

    def __init__(self) -> None:
        super().__init__("The attempt does not exist, or it is not yours. Open the quiz to see your own attempts.")


class QuestionNotFound(NotFound):
    """The attempt's paper has no such question."""

    code = "question_not_found"
    title = "There is no such question in this attempt"

    def __init__(self) -> None:
        super().__init__("The question is not part of this attempt. Load the attempt again.")


class FileNotHere(NotFound):
    """The attempt has no such file."""

    code = "answer_file_not_found"
    title = "There is no such file in this attempt"

    def __init__(self) -> None:
        super().__init__("The file was taken back, or it belongs to another attempt. Load the attempt again.")


class NoMoreFiles(Conflict):
    """The answer has as many files as it may have."""

    code = "no_more_files"
    title = "The answer has every file it may have"

    def __init__(self, allowed: int) -> None:
        super().__init__(f"This question takes {allowed} and has them. Take one back to hand in another.")


class QuizNotOpen(Conflict):
    """It is too early or too late to start or begin."""

    code = "quiz_not_open"
    title = "The quiz is not open now"

    def __init__(self, *, opens_at: datetime | None = None, closes_at: datetime | None = None) -> None:
        told = f"It opens at {opens_at:%Y-%m-%d %H:%M} UTC." if opens_at else ""
        if closes_at:
            told = f"It closed at {closes_at:%Y-%m-%d %H:%M} UTC. Ask your instructor if you need more time."
        super().__init__(told)


class TooSoon(Conflict):
    """The delay between two attempts is not over."""

    code = "quiz_too_soon"
    title = "The next attempt is not open yet"

    def __init__(self, *, available_at: datetime) -> None:
        super().__init__(
            f"There is a pause between attempts. You can start the next one at {available_at:%Y-%m-%d %H:%M} UTC.",
            available_at=available_at.isoformat(),
        )


class WrongPassword(Forbidden):
    """The password of a quiz is missing or wrong."""

    code = "quiz_password_wrong"
    title = "The password of the quiz is not right"

    def __init__(self) -> None:
        super().__init__("This quiz starts with a password. Ask your instructor for it, and mind capitals.")


class NotFromHere(Forbidden):
    """The address of the device is in none of the quiz's networks."""

    code = "network_not_allowed"
    title = "The quiz cannot be taken from this network"

    def __init__(self) -> None:
        super().__init__(
            "Your device is not in a network from which this quiz may be taken. Go to the room, or connect to the "
            "network, that your instructor named."
        )


class NotChecked(Conflict):
    """A question that is not checked before the end."""

    code = "question_not_checked"
    title = "This question is not checked during the attempt"

    def __init__(self) -> None:
        super().__init__("It is judged when the attempt is handed in. Your answer is kept until then.")


class NoAttemptsLeft(Conflict):
    """Every allowed attempt is used."""

    code = "no_attempts_left"
    title = "You have used every attempt"

    def __init__(self, allowed: int) -> None:
        super().__init__(f"This quiz allows {allowed} and you made them all. Ask your instructor for another one.")


class AttemptNotThere(Conflict):
    """The attempt is at a point from which this is no step."""

    code = "attempt_state"
    title = "The attempt is not at this point"

    def __init__(self, status: str, step: str) -> None:
        super().__init__(f"The attempt is {status}: it cannot {step} from there. Load it again.", attempt_status=status)


class AttemptOver(Conflict):
    """An answer came after the end."""

    code = "attempt_over"
    title = "The attempt is over"

    def __init__(self) -> None:
        super().__init__("It was submitted, or its time is up, so this answer was not kept. See your attempt's page.")


class StillWaiting(Conflict):
    """Answers to an attempt that has not begun."""

    code = "attempt_waiting"
    title = "The attempt has not begun"

    def __init__(self) -> None:
        super().__init__("A supervised attempt begins once its checks are done. Go through them first.")


class NothingToTake(Conflict):
    """A quiz without questions."""

    code = "quiz_empty"
    title = "The quiz has no question yet"

    def __init__(self) -> None:
        super().__init__("Add a question, save, and try again.")


class QuizChanged(Conflict):
    """Somebody saved the questions since they were opened."""

    code = "quiz_changed"
    title = "The questions were changed by somebody else meanwhile"

    def __init__(self, current: int) -> None:
        super().__init__(
            f"Revision {current} was saved since you opened them. Load it, bring your change into it, and save again.",
            current_revision=current,
        )


class QuizHasAttempts(Conflict):
    """Deleting what people have results in."""

    code = "quiz_has_attempts"
    title = "Learners have attempts at this quiz"

    def __init__(self) -> None:
        super().__init__("Deleting it would delete their results. Unpublish it instead: then nobody can start it.")


class NotYours(Forbidden):
    """Taking somebody else's attempt."""

    code = "attempt_of_another"
    title = "This is somebody else's attempt"

    def __init__(self) -> None:
        super().__init__("You may read it, but only the person whose attempt it is answers and submits.")


class BankNotFound(NotFound):
    """No such bank, or not for this person."""

    code = "question_bank_not_found"
    title = "There is no such question bank here"

    def __init__(self) -> None:
        super().__init__("The bank does not exist, or it belongs to a course that you do not teach.")


class BankPlaceNotFound(NotFound):
    """The bank has no such category, question or version."""

    code = "question_bank_place_not_found"
    title = "There is no such thing in this question bank"

    def __init__(self, what: str) -> None:
        super().__init__(f"The bank has no such {what}: it was deleted or moved to another bank. Load the bank again.")


class BankQuestionChanged(Conflict):
    """Somebody saved the question since it was opened."""

    code = "bank_question_changed"
    title = "The question was changed by somebody else meanwhile"

    def __init__(self, current: int) -> None:
        super().__init__(
            f"Version {current} was saved since you opened it. Load it, bring your change into it, and save again.",
            current_version=current,
        )


class BankInUse(Conflict):
    """Taking away what quizzes are made of."""

    code = "question_bank_in_use"
    title = "Quizzes use this"

    def __init__(self, quizzes: int) -> None:
        used = "One quiz uses it" if quizzes == 1 else f"{quizzes} quizzes use it"
        super().__init__(f"{used}. Take it out of them first; a question can be retired instead.", quizzes=quizzes)


class RegradeRunning(Conflict):
    """Two regrades of one quiz at once."""

    code = "regrade_running"
    title = "A regrade of this quiz is under way"

    def __init__(self) -> None:
        super().__init__("Wait until it is done, look at what it changed, and ask again.")


class RegradeNotFound(NotFound):
    """No such regrade, or not for this person."""

    code = "regrade_not_found"
    title = "There is no such regrade here"

    def __init__(self) -> None:
        super().__init__("The regrade does not exist, or its course is not yours to mark.")


class ResultsNotOpen(Conflict):
    """Looking at results before they may be told, or of an attempt that is not handed in."""

    code = "results_not_open"
    title = "These results are not open yet"

    def __init__(self) -> None:
        super().__init__("An attempt is not handed in, or this quiz does not show results yet. Try again later.")
