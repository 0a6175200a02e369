"""`mwalimu models`: the model weights this installation uses, by name, with licence, size and hash."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.cli.console import CommandFailed
from lms_core.kit.settings import Settings
from proctoring.detection import catalogue
from proctoring.detection.errors import ModelUnavailable
from rag.embeddings import ModelMissing, weights

app = typer.Typer(no_args_is_help=True, help="Model weights.")
out = Console()
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
LICENCES = {weights.DEFAULT_MODEL: "Apache-2.0"}


@app.command("list")
def list_models(as_json: JsonFlag = False) -> None:
    """What is used, where it is, and its hash."""
    rows = [_embedding_model(), *_detectors()]
    if as_json:
        out.print_json(json.dumps(rows))
        return
    table = Table("name", "for", "licence", "MB", "sha256", "where")
    for row in rows:
        size = f"{row['bytes'] / 1e6:.1f}" if row["bytes"] else "–"
        digest = row["sha256"][:16] + "…" if row["sha256"] else "–"
        table.add_row(row["name"], row["for"], row["licence"], size, digest, row["path"] or row["missing"])
    out.print(table)


@app.command()
def pull() -> None:
    """Make sure that every model in use is here, and say how to get what is not."""
    row = _embedding_model()
    out.print(f"{row['name']} is here: {row['path']}", markup=False)
    folder, failed = Settings().data_dir / "models", []
    published = {model.role for model in catalogue.MODELS if model.published}
    for missing in (each for each in _detectors() if each["missing"] and each["for"] in published):
        try:
            found = catalogue.fetch(missing["for"], into=folder)
            out.print(f"{missing['name']} was fetched: {found.path}", markup=False)
        except ModelUnavailable as error:
            failed.append(str(error))
    if failed:
        raise CommandFailed("\n".join(failed))


@app.command()
def verify() -> None:
    """Check the published hash of what is used."""
    row = _embedding_model()
    out.print(f"{row['name']}: sha256 {row['sha256']}", markup=False)
    for each in _detectors():
        told = f"sha256 {each['sha256']}" if each["path"] else each["missing"]
        out.print(f"{each['name']}: {told}", markup=False)


def _embedding_model() -> dict[str, Any]:
    settings = Settings()
    try:
        folder = weights.folder(settings.embedding_model, models_dir=settings.models_dir)
    except ModelMissing as error:
        raise CommandFailed(str(error)) from error
    file = _weights_file(folder)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {
        "name": settings.embedding_model,
        "for": "embeddings",
        "licence": LICENCES.get(settings.embedding_model, "see its model card"),
        "bytes": file.stat().st_size,
        "sha256": digest,
        "path": str(file),
    }


def _detectors() -> list[dict[str, Any]]:
    """The networks that look at pictures of proctored exams; `missing` says why one is not here."""
    settings = Settings()
    folders = ((settings.models_dir,) if settings.models_dir else ()) + (settings.data_dir / "models",)
    rows = []
    for model in catalogue.MODELS:
        row = {"name": model.name, "for": model.role, "licence": model.licence}
        try:
            path = catalogue.find(model.role, folders=folders).path
            with path.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            rows.append(row | {"bytes": path.stat().st_size, "sha256": digest, "path": str(path), "missing": ""})
        except ModelUnavailable as error:
            rows.append(row | {"bytes": 0, "sha256": "", "path": "", "missing": str(error)})
    return rows


def _weights_file(folder: Path) -> Path:
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            return folder / name
    raise CommandFailed(f"{folder} holds no weights (model.safetensors).")
