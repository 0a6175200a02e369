"""What of a result is shown when: the moments of Moodle's review options, and a review without what is not shown yet.

Moments as in `mod_quiz\\quiz_attempt_walkthrough` and `quiz_attempt_state`: during; right after (two minutes); later
while the quiz is open; after it closed.
"""

from datetime import datetime, timedelta

from lms_core.learning.assessments.models import AttemptStatus
from lms_core.learning.assessments.schemas.conduct import OF_QUESTIONS, Band, Conduct, Phase, ReviewItem
from lms_core.learning.assessments.schemas.taking import ChoiceReview, PartReview, QuestionReview
from lms_core.learning.assessments.states import FINISHED

RIGHT_AFTER = timedelta(minutes=2)
Shown = frozenset[ReviewItem]
NOTHING: Shown = frozenset()
EVERYTHING: Shown = frozenset(ReviewItem)


def later_of(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of the moments that there are: nobody's own closing opens a key before the quiz's."""
    return max((each for each in (one, other) if each is not None), default=None)


def phase_of(
    status: AttemptStatus, *, submitted_at: datetime | None, closes_at: datetime | None, now: datetime
) -> Phase | None:
    """Where an attempt stands; None for one that has nothing to show."""
    if status == AttemptStatus.OPEN:
        return Phase.DURING
    if status not in FINISHED:
        return None
    if closes_at is not None and closes_at <= now:
        return Phase.CLOSED
    return Phase.AFTER if submitted_at is not None and now < submitted_at + RIGHT_AFTER else Phase.LATER


def shown(
    conduct: Conduct,
    status: AttemptStatus,
    *,
    submitted_at: datetime | None,
    closes_at: datetime | None,
    now: datetime,
) -> Shown:
    """What its taker may see of an attempt now."""
    phase = phase_of(status, submitted_at=submitted_at, closes_at=closes_at, now=now)
    return NOTHING if phase is None else frozenset(conduct.review.at(phase))


def are_scores_shown(conduct: Conduct, *, closes_at: datetime | None, now: datetime) -> bool:
    """Whether gradebooks and leaderboards may tell results: by what holds later, or after the close."""
    is_closed = closes_at is not None and closes_at <= now
    return ReviewItem.SCORE in (conduct.review.closed if is_closed else conduct.review.later)


def opens_next(
    conduct: Conduct, *, submitted_at: datetime | None, closes_at: datetime | None, now: datetime
) -> datetime | None:
    """When somebody to whom nothing of a finished attempt is shown yet sees something; None: not by waiting."""
    moments = []
    if submitted_at is not None and conduct.review.later:
        moments.append(submitted_at + RIGHT_AFTER)
    if closes_at is not None and conduct.review.closed:
        moments.append(closes_at)
    return min((moment for moment in moments if moment > now), default=None)


def shows_only_after_close(conduct: Conduct) -> bool:
    """Whether nothing would ever be shown without a closing date, though something should be."""
    return bool(conduct.review.closed) and not conduct.review.after and not conduct.review.later


def has_questions(what: Shown) -> bool:
    """Whether questions are shown with it."""
    return not what.isdisjoint(OF_QUESTIONS)


def band_of(bands: tuple[Band, ...], percent: float) -> Band | None:
    """The feedback for this percentage, of bands with the highest first."""
    return next((band for band in bands if percent >= band.from_percent), None)


def concealed(review: QuestionReview, what: Shown) -> QuestionReview:
    """The review with nothing that is not shown now."""
    answer, correctness = ReviewItem.ANSWER in what, ReviewItem.CORRECTNESS in what
    feedback = ReviewItem.FEEDBACK in what
    return review.model_copy(
        update={
            "awarded": review.awarded if ReviewItem.MARKS in what else None,
            "verdict": review.verdict if correctness else None,
            "choices": tuple(
                _choice(each, answer=answer, correctness=correctness, feedback=feedback) for each in review.choices
            ),
            "parts": tuple(_part(each, answer=answer, correctness=correctness) for each in review.parts),
            "regions": review.regions if answer else (),
            "key": review.key if answer else (),
            "feedback_html": review.feedback_html if ReviewItem.GENERAL in what else "",
            "comment": review.comment if feedback else "",
        }
    )


def _choice(choice: ChoiceReview, *, answer: bool, correctness: bool, feedback: bool) -> ChoiceReview:
    told = answer or (correctness and choice.chosen)
    said = feedback and (choice.chosen or answer)
    return choice.model_copy(
        update={
            "correct": choice.correct if told else None,
            "feedback_html": choice.feedback_html if said else "",
        }
    )


def _part(part: PartReview, *, answer: bool, correctness: bool) -> PartReview:
    return part.model_copy(
        update={
            "correct": part.correct if correctness or answer else None,
            "right_html": part.right_html if answer else "",
        }
    )
