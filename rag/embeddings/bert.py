"""BERT's encoder in plain torch, for embedding models of that family.

Reads the weights straight from safetensors: importing transformers and
sentence-transformers for the same arithmetic costs seconds at every start and
hundreds of megabytes. Architecture after Devlin et al. 2019, with absolute
positions and the exact GELU; query, key and value are one product.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

Linear = Callable[["Tensor"], "Tensor"]
# Makes a layer of its name, its weight (out, in) and its bias (out,): the arithmetic is the maker's choice.
LinearMaker = Callable[[str, "Tensor", "Tensor"], Linear]


class _Layer(NamedTuple):
    query_key_value: Linear
    attention_out: Linear
    attention_norm: "tuple[Tensor, Tensor]"
    widen: Linear
    narrow: Linear
    output_norm: "tuple[Tensor, Tensor]"


def supports(folder: Path) -> bool:
    """Whether the model in `folder` is a BERT that this module computes exactly."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and (folder / "model.safetensors").is_file()
    )


class BertEncoder:
    """The model in `folder`. `dtype` is that of everything but the linear layers, which `linear` makes."""

    def __init__(self, folder: Path, *, linear: LinearMaker, dtype: Any) -> None:
        from safetensors.torch import load_file

        config = json.loads((folder / "config.json").read_text("utf-8"))
        stored = {name.removeprefix("bert."): kept for name, kept in load_file(folder / "model.safetensors").items()}

        def tensor(name: str) -> "Tensor":
            return stored[name].to(dtype)

        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._words = tensor("embeddings.word_embeddings.weight")
        # One segment only, so its vector is added to the positions once and for all.
        segment = tensor("embeddings.token_type_embeddings.weight")[0]
        self._positions = tensor("embeddings.position_embeddings.weight") + segment
        self._norm = (tensor("embeddings.LayerNorm.weight"), tensor("embeddings.LayerNorm.bias"))
        self._layers = [_layer(tensor, f"encoder.layer.{i}.", linear) for i in range(int(config["num_hidden_layers"]))]
        self.dim = int(config["hidden_size"])

    def __call__(self, ids: "Tensor", mask: "Tensor | None") -> "Tensor":
        """The last layer (texts, tokens, dim) of `ids` (texts, tokens); `mask` is true at tokens, false at padding."""
        from torch.nn import functional

        texts, length = ids.shape
        hidden = self._words[ids] + self._positions[:length]
        hidden = functional.layer_norm(hidden, (self.dim,), *self._norm, self._epsilon)
        allowed = None if mask is None else mask[:, None, None, :]
        for layer in self._layers:
            heads = layer.query_key_value(hidden).view(texts, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], attn_mask=allowed)
            mixed = layer.attention_out(mixed.transpose(1, 2).reshape(texts, length, self.dim))
            hidden = functional.layer_norm(hidden + mixed, (self.dim,), *layer.attention_norm, self._epsilon)
            wide = layer.narrow(functional.gelu(layer.widen(hidden)))
            hidden = functional.layer_norm(hidden + wide, (self.dim,), *layer.output_norm, self._epsilon)
        return hidden


def _layer(tensor: "Callable[[str], Tensor]", at: str, linear: LinearMaker) -> _Layer:
    import torch

    def made(*names: str) -> Linear:
        weight = torch.cat([tensor(f"{at}{name}.weight") for name in names])
        return linear(at + names[0], weight, torch.cat([tensor(f"{at}{name}.bias") for name in names]))

    def norm(name: str) -> "tuple[Tensor, Tensor]":
        return tensor(f"{at}{name}.weight"), tensor(f"{at}{name}.bias")

    return _Layer(
        query_key_value=made("attention.self.query", "attention.self.key", "attention.self.value"),
        attention_out=made("attention.output.dense"),
        attention_norm=norm("attention.output.LayerNorm"),
        widen=made("intermediate.dense"),
        narrow=made("output.dense"),
        output_norm=norm("output.LayerNorm"),
    )
