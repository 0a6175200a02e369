"""Settings: every knob, read once from `MWALIMU_*` and `.env`, checked before anything starts.

Embedded mode runs with no setting at all. Scaled mode refuses to start on a
default that would be unsafe or that cannot be shared between processes.
"""

import re
import secrets
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MINIMUM_KEY_LENGTH = 32
HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


class InsecureSettings(ValueError):
    """A combination of settings that must not serve anyone; the message lists what to change."""


class Settings(BaseSettings):
    """All settings. `mode` is read by the composition root alone; others see ports."""

    model_config = SettingsConfigDict(env_prefix="MWALIMU_", env_file=".env", extra="ignore")

    mode: Literal["embedded", "scaled"] = "embedded"
    data_dir: Path = Path(".data")
    database_url: str = ""
    database_pool: int = Field(default=20, ge=1, le=200)
    redis_url: str = ""
    qdrant_url: str = ""
    qdrant_api_key: SecretStr = SecretStr("")
    storage_url: str = ""
    storage_endpoint: str = ""
    storage_region: str = ""
    storage_key_id: str = ""
    storage_secret: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    public_url: str = "http://localhost:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    web_processes: int = Field(default=1, ge=1, le=64)
    runner_threads: int = Field(default=2, ge=1, le=32)

    chat_model: str = "extractive"
    chat_base_url: str = ""
    chat_api_key: SecretStr = SecretStr("")
    chat_first_token_seconds: float = Field(default=20.0, gt=0)
    chat_total_seconds: float = Field(default=120.0, gt=0)
    embedding_model: str = "all-MiniLM-L6-v2"
    embedding_threads: int = Field(default=0, ge=0, le=64)
    models_dir: Path | None = None
    proctoring_model: str = ""
    proctoring_device: str = "CPU"

    mail_url: str = "console:"
    mail_from: str = "Mwalimu <noreply@localhost>"
    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)
    session_days: int = Field(default=30, ge=1, le=365)
    upload_limit_mb: int = Field(default=200, ge=1, le=10_000)
    media_limit_mb: int = Field(default=2_000, ge=1, le=50_000)
    quota_person_mb: int = Field(default=10_000, ge=1)
    quota_course_mb: int = Field(default=20_000, ge=1)
    quota_institution_mb: int = Field(default=200_000, ge=1)
    upload_days: int = Field(default=3, ge=1, le=30)
    virus_scanner: str = ""
    embed_hosts: str = "www.youtube-nocookie.com player.vimeo.com"
    import_files_days: int = Field(default=7, ge=1, le=365)
    login_attempts_per_minute: int = Field(default=10, ge=1)
    questions_per_minute: int = Field(default=20, ge=1)
    geoip_file: Path | None = None
    payment_hosts: str = ""  # hosts, with commas between, that a payment account may speak to beside its provider's own
    metrics_token: SecretStr = SecretStr("")
    certificate_signer: str = ""
    certificate_signer_password: SecretStr = SecretStr("")
    log_format: Literal["console", "json"] = "console"
    log_level: str = "INFO"

    @field_validator("embed_hosts")
    @classmethod
    def _only_hosts(cls, value: str) -> str:
        """They go into a header: host names between spaces or commas and nothing else."""
        hosts = value.replace(",", " ").lower().split()
        if not all(HOST.fullmatch(host) for host in hosts):
            raise ValueError("embed_hosts takes names of hosts such as player.vimeo.com, without https:// and paths")
        return " ".join(hosts)

    @model_validator(mode="after")
    def _refuse_insecure(self) -> Self:
        if self.mode == "scaled":
            problems = _scaled_problems(self)
            if problems:
                raise InsecureSettings("scaled mode cannot start: " + "; ".join(problems))
        return self

    @property
    def effective_database_url(self) -> str:
        """The SQLAlchemy URL: the one given, or SQLite in the data folder."""
        if self.database_url.startswith("postgresql://"):
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'mwalimu.sqlite3'}"

    def resolved_secret_key(self) -> str:
        """The signing and encryption key: the one given, or one kept in the data folder (mode 0600)."""
        given = self.secret_key.get_secret_value()
        if given:
            return given
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            try:
                with path.open("x", encoding="ascii") as file:
                    path.chmod(0o600)
                    file.write(secrets.token_urlsafe(48))
            except FileExistsError:  # another process of this start made it first
                pass
        return path.read_text(encoding="ascii").strip()


def _scaled_problems(settings: Settings) -> list[str]:
    problems = []
    key = settings.secret_key.get_secret_value()
    if len(key) < MINIMUM_KEY_LENGTH or len(set(key)) < 10:
        problems.append(
            f"MWALIMU_SECRET_KEY must be random and {MINIMUM_KEY_LENGTH} characters or more: `openssl rand -base64 48`"
        )
    if not settings.effective_database_url.startswith("postgresql"):
        problems.append("MWALIMU_DATABASE_URL must name a PostgreSQL database")
    needed = ("redis_url", "qdrant_url")
    problems.extend(f"MWALIMU_{name.upper()} must be set" for name in needed if not getattr(settings, name))
    if settings.public_url.startswith("http://") and not _is_local(settings.public_url):
        problems.append("MWALIMU_PUBLIC_URL must be https (session cookies are sent over TLS only)")
    return problems


def _is_local(url: str) -> bool:
    return any(url.startswith(f"http://{host}") for host in ("localhost", "127.0.0.1", "[::1]"))
