"""The database's history: one Alembic tree for both databases."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

FOLDER = Path(__file__).resolve().parent
LOCK_KEY = 7_215_904  # any number all processes of this product agree on


def config(engine: Engine | None = None) -> Config:
    """Alembic's configuration, bound to `engine` when given."""
    settings = Config(str(FOLDER / "alembic.ini"))
    settings.set_main_option("script_location", str(FOLDER))
    if engine is not None:
        settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; safe when several processes start at once."""
    if current(engine) == head():
        return
    with engine.connect() as guard:
        if engine.dialect.name == "postgresql":
            guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
        try:
            command.upgrade(config(engine), "head")
        finally:
            if engine.dialect.name == "postgresql":
                guard.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})


def current(engine: Engine) -> str | None:
    """The revision the database is at; None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(config()).get_current_head()
