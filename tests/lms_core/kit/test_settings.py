"""Settings: no setting at all runs embedded; scaled refuses what would be unsafe or cannot be shared."""

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from lms_core.kit.settings import Settings

KEY = "rVQ2p0f8ZxN4s7JtBwLhYk6DmCgEaU1iRo3nXv5T"
SCALED = {
    "mode": "scaled",
    "database_url": "postgresql://mwalimu@db/mwalimu",
    "redis_url": "redis://cache/0",
    "qdrant_url": "http://index:6333",
    "secret_key": KEY,
    "public_url": "https://learn.example.org",
}


def test_embedded_needs_nothing(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    assert settings.mode == "embedded"
    assert settings.effective_database_url == f"sqlite:///{tmp_path / 'mwalimu.sqlite3'}"


def test_scaled_starts_when_all_is_given() -> None:
    settings = Settings(_env_file=None, **SCALED)
    assert settings.effective_database_url == "postgresql+psycopg://mwalimu@db/mwalimu"
    assert settings.resolved_secret_key() == KEY


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", ""),
        ("database_url", "sqlite:///x"),
        ("redis_url", ""),
        ("qdrant_url", ""),
        ("secret_key", ""),
        ("secret_key", "short"),
        ("secret_key", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("public_url", "http://learn.example.org"),
    ],
)
def test_scaled_refuses_and_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=f"MWALIMU_{name.upper()}"):
        Settings(_env_file=None, **(SCALED | {name: value}))


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, mode="scaled")
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "QDRANT_URL"):
        assert f"MWALIMU_{name}" in str(refused.value)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWALIMU_PORT", "9000")
    monkeypatch.setenv("MWALIMU_CHAT_MODEL", "openai:gpt")
    settings = Settings(_env_file=None)
    assert (settings.port, settings.chat_model) == (9000, "openai:gpt")


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    key = settings.resolved_secret_key()
    assert len(key) >= 48
    assert Settings(_env_file=None, data_dir=tmp_path / "data").resolved_secret_key() == key
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(Settings(_env_file=None, **SCALED, chat_api_key="sk-very-secret", metrics_token="metrics-secret"))
    assert KEY not in shown
    assert "very-secret" not in shown
    assert "metrics-secret" not in shown
