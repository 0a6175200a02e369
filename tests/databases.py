"""Databases that are migrated once a run and copied for each test: every migration again for every test takes longer
than most tests do. What tests the migrations themselves starts from an empty database."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg

import migrations
from lms_core.kit.db import make_engine
from lms_core.kit.ids import new_id

FILE = "mwalimu.sqlite3"  # where an embedded installation keeps it


@cache
def _migrated() -> Path:
    """A SQLite file of this process with every table and no row."""
    folder = Path(tempfile.mkdtemp(prefix="mwalimu-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = make_engine(f"sqlite:///{folder / FILE}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it into the one file that is copied
    engine.dispose()
    return folder / FILE


def prepare(data_dir: Path) -> None:
    """Put a migrated database into a data folder that has none."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (data_dir / FILE).exists():
        shutil.copyfile(_migrated(), data_dir / FILE)


def create_postgres(server: str, *, template: str = "template1") -> str:
    """A new database on `server`, empty or a copy of `template`; returns its name."""
    name = f"t{new_id().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


@cache
def migrated_postgres(server: str) -> str:
    """The name of a database on `server` with every table and no row, which nobody uses but to copy it."""
    name = create_postgres(server)
    engine = make_engine(f"{server}/{name}".replace("postgresql://", "postgresql+psycopg://"))
    migrations.upgrade(engine)
    engine.dispose()
    return name
