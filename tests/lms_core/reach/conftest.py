"""A course with an instructor and a learner in it, for tests of what people hear."""

from tests.lms_core.learning.conftest import course, headers, instructor, learner, teaching

__all__ = ["course", "headers", "instructor", "learner", "teaching"]
