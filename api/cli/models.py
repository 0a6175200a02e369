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
from rag.embeddings import ModelMissing, weights

app = typer.Typer(no_args_is_help=True, help="Model weights.")
out = Console()
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
LICENCES = {weights.DEFAULT_MODEL: "Apache-2.0"}


@app.command("list")
def list_models(as_json: JsonFlag = False) -> None:
    """What is used, where it is, and its hash."""
    row = _embedding_model()
    if as_json:
        out.print_json(json.dumps([row]))
        return
    table = Table("name", "for", "licence", "MB", "sha256", "where")
    size = f"{row['bytes'] / 1e6:.1f}"
    table.add_row(row["name"], row["for"], row["licence"], size, row["sha256"][:16] + "…", row["path"])
    out.print(table)


@app.command()
def pull() -> None:
    """Make sure that every model in use is here, and say how to get what is not."""
    row = _embedding_model()
    out.print(f"{row['name']} is here: {row['path']}", markup=False)


@app.command()
def verify() -> None:
    """Check the published hash of what is used."""
    row = _embedding_model()
    out.print(f"{row['name']}: sha256 {row['sha256']}", markup=False)


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


def _weights_file(folder: Path) -> Path:
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            return folder / name
    raise CommandFailed(f"{folder} holds no weights (model.safetensors).")
