"""The tables of foreign logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class OidcProvider(TenantOwned, table=True):
    """A service that people of the institution may log in with. `domain`: only addresses of it, empty for any."""

    __tablename__ = "oidc_provider"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=40)
    name: str = Field(max_length=80)
    issuer: str = Field(max_length=300)
    client_id: str = Field(max_length=300)
    sealed_client_secret: str = Field(default="", max_length=1000)
    domain: str = Field(default="", max_length=253)
    enabled: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class SocialAccount(TenantOwned, table=True):
    """That a person is `subject` at a provider."""

    __tablename__ = "social_account"
    __table_args__ = (UniqueConstraint("provider_id", "subject"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    provider_id: UUID = Field(foreign_key="oidc_provider.id", ondelete="CASCADE")
    subject: str = Field(max_length=255)
    email: str = Field(default="", max_length=254)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime = Field(sa_type=UtcDateTime)
