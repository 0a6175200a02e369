"""What assessments hold about a person: attempts and answers, what eases them, a name on leaderboards."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.assessments.models import (
    Accommodation,
    AnswerFile,
    Attempt,
    AttemptAnswer,
    AttemptRegrade,
    BankQuestionVersion,
    LeaderboardName,
    QuestionBank,
    QuizOverride,
    Regrade,
)

declare(
    "assessments",
    Mine(Attempt.user_id, without=frozenset({"seed"})),
    Mine(AttemptAnswer.attempt_id, via=Attempt.user_id),
    Mine(AnswerFile.attempt_id, via=Attempt.user_id),
    Mine(AttemptRegrade.attempt_id, via=Attempt.user_id),
    Mine(Accommodation.user_id),
    Mine(QuizOverride.user_id, without=frozenset({"password_sealed"})),
    Mine(LeaderboardName.user_id),
    Act(QuestionBank.created_by, only=("id", "name", "created_at")),
    Act(BankQuestionVersion.author_id, only=("id", "question_id", "number", "note", "created_at")),
    Act(AttemptAnswer.graded_by, why="the marks that somebody gave are about the learners who got them"),
    Act(Regrade.asked_by, only=("id", "quiz_id", "reason", "scope", "created_at")),
)
