"""Reading an embedding model's folder: its tokenizer, its pooling, its prompts and its encoder.

BERT models, the default among them, are read by this project's own encoder; any
other sentence-transformers model through that library, which takes seconds to import.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embeddings import bert, precision
from rag.embeddings.precision import Precision, Ranges
from rag.embeddings.weights import ModelMissing

if TYPE_CHECKING:
    from torch import Tensor

# Token ids (texts, tokens) and a mask that is true at tokens, or None without padding; the last layer comes back.
Encoder = Callable[["Tensor", "Tensor | None"], "Tensor"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model whose files were read. `reference` computes in float32 and fills the ranges that int8 needs."""

    name: str
    dim: int
    tokenizer: Any  # tokenizers.Tokenizer, neither padding nor cutting
    pooling: str  # "mean" or "cls"
    max_tokens: int
    query_prompt: str
    passage_prompt: str
    precisions: tuple[Precision, ...]  # worth trying here, fastest first, ending in float32
    reference: Callable[[Ranges], Encoder]
    encoder: Callable[[Precision, Ranges], Encoder]


def read(name: str, folder: Path) -> Model:
    """The model in `folder`. Raises ModelMissing when its vectors cannot be made here."""
    return _bert_model(name, folder) if _is_plain_bert(folder) else _other_model(name, folder)


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def _is_plain_bert(folder: Path) -> bool:
    """Whether the folder is Transformer, Pooling and perhaps Normalize, the first a BERT that lower-cases by itself."""
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    return (
        kinds[:2] == ["Transformer", "Pooling"]
        and set(kinds[2:]) <= {"Normalize"}
        and not modules[0]["path"]
        and not _json(folder / "sentence_bert_config.json").get("do_lower_case")
        and (folder / "tokenizer.json").is_file()
        and bert.supports(folder)
    )


def _bert_model(name: str, folder: Path) -> Model:
    import torch
    from tokenizers import Tokenizer

    def encoder(kind: Precision, ranges: Ranges) -> Encoder:
        if kind == "int8":
            return bert.BertEncoder(folder, linear=precision.int8(ranges), dtype=torch.float32)
        dtype = torch.bfloat16 if kind == "bfloat16" else torch.float32
        return bert.BertEncoder(folder, linear=precision.plain, dtype=dtype)

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    config = _json(folder / "config.json")
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
    window = _json(folder / "sentence_bert_config.json").get("max_seq_length") or config["max_position_embeddings"]
    return Model(
        name=name,
        dim=int(config["hidden_size"]),
        tokenizer=tokenizer,
        pooling=_pooling(name, _json(folder / "1_Pooling" / "config.json")),
        max_tokens=min(int(window), int(config["max_position_embeddings"])),
        query_prompt=prompts.get("query") or "",
        passage_prompt=prompts.get("passage") or prompts.get("document") or "",
        precisions=precision.candidates(),
        reference=lambda ranges: bert.BertEncoder(folder, linear=precision.recording(ranges), dtype=torch.float32),
        encoder=encoder,
    )


def _pooling(name: str, config: dict[str, Any]) -> str:
    """The one pooling mode of both spellings: `pooling_mode: mean`, or `pooling_mode_mean_tokens: true`."""
    legacy = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    named = [key.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token") for key in legacy]
    mode = config.get("pooling_mode", named)
    modes = [mode] if isinstance(mode, str) else list(mode)
    if modes not in (["mean"], ["cls"]):
        raise ModelMissing(f"{name} pools by {', '.join(modes) or 'nothing'}; use a model with mean or cls pooling.")
    return str(modes[0])


def _other_model(name: str, folder: Path) -> Model:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    loaded = SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
    kinds = [type(module).__name__ for module in loaded]
    if kinds[:2] != ["Transformer", "Pooling"] or not set(kinds[2:]) <= {"Normalize"}:
        raise ModelMissing(f"{name} is made of {', '.join(kinds)}; use a model of a transformer and a pooling.")
    tokenizer = Tokenizer.from_str(loaded.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    prompts = {key: prompt or "" for key, prompt in loaded.prompts.items()}
    transformer = loaded[0].auto_model
    return Model(
        name=name,
        dim=int(transformer.config.hidden_size),
        tokenizer=tokenizer,
        pooling=_pooling(name, {"pooling_mode": loaded[1].pooling_mode}),
        max_tokens=int(loaded.max_seq_length or 512),
        query_prompt=prompts.get("query", ""),
        passage_prompt=prompts.get("passage") or prompts.get("document", ""),
        # int8 is for our own encoder
        precisions=tuple(kind for kind in precision.candidates() if kind != "int8"),
        reference=lambda _ranges: _last_layer(transformer),
        encoder=lambda kind, _ranges: _converted(transformer, kind),
    )


def _last_layer(transformer: Any) -> Encoder:
    return lambda ids, mask: transformer(input_ids=ids, attention_mask=mask).last_hidden_state


def _converted(transformer: Any, kind: Precision) -> Encoder:
    import copy

    import torch

    if kind == "bfloat16":
        transformer = copy.deepcopy(transformer).to(torch.bfloat16)
    return _last_layer(transformer)
