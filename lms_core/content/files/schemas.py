"""What other slices see of a file."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class StoredFile(BaseModel):
    """Bytes that lie in storage, not yet attached to a path. `size` in bytes."""

    model_config = ConfigDict(frozen=True)

    storage_key: str
    media_type: str
    size: int
    sha256: str


class AssetView(StoredFile):
    """A file at its path inside an owner, and how a browser may be given it."""

    id: UUID
    path: str
    inline: bool
    content_security_policy: str | None
