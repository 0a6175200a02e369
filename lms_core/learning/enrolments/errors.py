"""Refusals of enrolments."""

from lms_core.kit.errors import Conflict, Forbidden


class NotOpen(Forbidden):
    """The course cannot be joined just like that."""

    code = "not_open_for_enrolment"
    title = "This course is not open for everybody"

    def __init__(self) -> None:
        super().__init__("Its instructors choose who takes part. Ask one of them to enrol you.")


class ForSale(Forbidden):
    """The course is sold, and this person has not bought it."""

    code = "course_for_sale"
    title = "This has a price"

    def __init__(self) -> None:
        super().__init__("It is for those who bought it. Open its page to see the price and buy it.")


class NotPublished(Conflict):
    """A draft or an archived course takes no learners."""

    code = "course_not_published"
    title = "This course takes no learners now"

    def __init__(self) -> None:
        super().__init__("It is a draft or archived. Publish it first.")
