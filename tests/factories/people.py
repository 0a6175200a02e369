"""People for tests: made through the product's own verbs, and logged in over HTTP where a test needs that."""

from dataclasses import dataclass
from uuid import UUID

from fastapi.testclient import TestClient

from lms_core.identity.access import service as access
from lms_core.identity.accounts.schemas import Registration
from lms_core.identity.tenants import service as tenants
from lms_core.identity.tenants.models import Tenant
from lms_core.kit.context import Actor, Database, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role

PASSWORD = "four calm wide rivers"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `password` is theirs."""

    id: UUID
    email: str
    full_name: str
    tenant_id: UUID
    password: str = PASSWORD

    @property
    def login(self) -> dict[str, str]:
        """What this person posts to log in."""
        return {"email": self.email, "password": self.password}


def default_tenant(database: Database) -> UUID:
    """The first institution, made when it is not there."""
    with database.write(system_actor()) as ctx:
        return tenants.ensure_default(ctx).id


def create_tenant(database: Database, *, host: str) -> UUID:
    """Another institution, served under `host`."""
    with database.write(system_actor()) as ctx:
        return ctx.add(Tenant(slug=host.split(".")[0], name=host, host=host, created_at=ctx.now)).id


def create_person(
    database: Database,
    *,
    role: Role = Role.LEARNER,
    email: str = "",
    full_name: str = "Asha Otieno",
    tenant_id: UUID | None = None,
    verified: bool = True,
    language: str = "en",
) -> Person:
    """A person with `role` in the institution (the default one unless given)."""
    tenant = tenant_id or default_tenant(database)
    address = email or f"{role.value}-{new_id().hex[-12:]}@example.org"
    given = Registration(email=address, password=PASSWORD, full_name=full_name, language=language)
    with database.write(system_actor(tenant)) as ctx:
        member = access.add_member(ctx, registration=given, role=role, verified=verified)
    return Person(id=member.id, email=address, full_name=full_name, tenant_id=tenant)


def actor_of(database: Database, person: Person) -> Actor:
    """The person as services see them, with their present roles."""
    with database.read(system_actor(person.tenant_id)) as ctx:
        return access.actor_of(ctx, person.id)


def log_in(client: TestClient, person: Person) -> dict[str, str]:
    """The headers of a request by this person, after a login over HTTP."""
    answer = client.post("/api/v1/auth/login", json=person.login)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
