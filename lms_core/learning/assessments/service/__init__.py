"""The verbs of assessments, one module per use case; `from ...assessments import service as assessments`."""

from lms_core.learning.assessments.service.access import (
    access_attempt,
    access_quiz,
    access_quiz_for_editing,
    access_quiz_for_grading,
)
from lms_core.learning.assessments.service.adding import add_questions
from lms_core.learning.assessments.service.analysing import statistics_csv, statistics_of
from lms_core.learning.assessments.service.attempts import (
    GRACE,
    begin,
    expire,
    save_answer,
    start,
    submit,
    submit_when_due,
)
from lms_core.learning.assessments.service.authoring import (
    change_rules,
    create,
    delete_quiz,
    marked_in,
    publish,
    quiz_beside,
    quizzes_in,
    quizzes_of,
    read_source,
    set_questions,
    set_supervised,
    unpublish,
)
from lms_core.learning.assessments.service.board import be_named, leaderboard, own_board_name
from lms_core.learning.assessments.service.checking import check
from lms_core.learning.assessments.service.comparing import compare
from lms_core.learning.assessments.service.conduct import read_conduct, set_conduct
from lms_core.learning.assessments.service.copying import copy_to, first_date
from lms_core.learning.assessments.service.easing import extra_times, set_extra_time
from lms_core.learning.assessments.service.importing import import_quizzes
from lms_core.learning.assessments.service.marking import attempts_at, mark, restore, to_mark, void
from lms_core.learning.assessments.service.overriding import (
    overrides,
    remove_override,
    set_for_cohort,
    set_for_person,
)
from lms_core.learning.assessments.service.pictures import add_picture, pictures_of
from lms_core.learning.assessments.service.reading import assistant_policy, preview, proof, read_attempt, read_quiz
from lms_core.learning.assessments.service.regrade_batches import carry_on, give_up
from lms_core.learning.assessments.service.regrading import (
    REGRADE_JOB,
    access_regrade,
    preview_regrade,
    regradable,
    regrades_of,
    request_regrade,
    revision_of,
)
from lms_core.learning.assessments.service.results import graded_quizzes, results, unfollowed, waiting
from lms_core.learning.assessments.service.uploading import (
    access_file,
    add_file,
    check_file,
    erase_orphans,
    remove_file,
)

__all__ = [
    "GRACE",
    "REGRADE_JOB",
    "access_attempt",
    "access_file",
    "access_quiz",
    "access_quiz_for_editing",
    "access_quiz_for_grading",
    "access_regrade",
    "add_file",
    "add_picture",
    "add_questions",
    "assistant_policy",
    "attempts_at",
    "be_named",
    "begin",
    "carry_on",
    "change_rules",
    "check",
    "check_file",
    "compare",
    "copy_to",
    "create",
    "delete_quiz",
    "erase_orphans",
    "expire",
    "extra_times",
    "first_date",
    "give_up",
    "graded_quizzes",
    "import_quizzes",
    "leaderboard",
    "mark",
    "marked_in",
    "overrides",
    "own_board_name",
    "pictures_of",
    "preview",
    "preview_regrade",
    "proof",
    "publish",
    "quiz_beside",
    "quizzes_in",
    "quizzes_of",
    "read_attempt",
    "read_conduct",
    "read_quiz",
    "read_source",
    "regradable",
    "regrades_of",
    "remove_file",
    "remove_override",
    "request_regrade",
    "restore",
    "results",
    "revision_of",
    "save_answer",
    "set_conduct",
    "set_extra_time",
    "set_for_cohort",
    "set_for_person",
    "set_questions",
    "set_supervised",
    "start",
    "statistics_csv",
    "statistics_of",
    "submit",
    "submit_when_due",
    "to_mark",
    "unfollowed",
    "unpublish",
    "void",
    "waiting",
]
