"""What drafts hold about a person: their own unpublished texts, which leave with them."""

from lms_core.content.drafts.models import LessonDraft
from lms_core.kit.personal import Mine, declare

declare("drafts", Mine(LessonDraft.author_id))
