"""The sample people of the demo."""

from dataclasses import dataclass

from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.schemas import Registration
from lms_core.kit.ids import new_token
from lms_core.kit.permissions import Role
from workers.runtime import Runtime

DEMO_PASSWORD = "karibu-mwalimu-2026"  # noqa: S105 - printed on the screen of whoever runs the demo


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to log in as."""

    role: Role
    email: str
    name: str
    password: str = DEMO_PASSWORD


PEOPLE = (
    Person(Role.LEARNER, "learner@example.org", "Amina Wanjiru"),
    Person(Role.INSTRUCTOR, "instructor@example.org", "Daudi Otieno"),
    Person(Role.ADMIN, "admin@example.org", "Zawadi Mwangi"),
)

# Somebody whose sitting of the sample exam there is to review; nobody logs in as them.
SAMPLE_TAKER = Person(Role.LEARNER, "baraka@example.org", "Baraka Odhiambo", password=new_token())


def ensure_people(runtime: Runtime) -> tuple[Person, ...]:
    """Make the sample accounts that are not there yet."""
    assert runtime.console is not None
    with runtime.database.write(runtime.console) as ctx:
        for person in (*PEOPLE, SAMPLE_TAKER):
            if accounts.account_with_email(ctx, email=person.email) is None:
                registration = Registration(email=person.email, password=person.password, full_name=person.name)
                access.add_member(ctx, registration=registration, role=person.role, verified=True)
    return PEOPLE
