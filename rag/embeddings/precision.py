"""The arithmetic the model runs in: bfloat16, int8 or float32, whichever this CPU does fast and faithfully.

int8 means each linear layer's weights in 8 bits per output channel and its
input in 8 bits per call (dynamic quantisation); it needs VNNI, since without
it the 16-bit sums saturate.
"""

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from torch import nn

Precision = Literal["bfloat16", "int8", "float32"]
# Below this cosine with float32 a faster arithmetic is refused.
FAITHFUL = 0.99


def candidates(cpuinfo: Path = Path("/proc/cpuinfo")) -> tuple[Precision, ...]:
    """The precisions worth trying on this CPU, fastest first; always ends in float32."""
    try:
        flags = set(next(line for line in cpuinfo.read_text().splitlines() if line.startswith("flags")).split())
    except (OSError, StopIteration):
        return ("float32",)
    if flags & {"amx_bf16", "avx512_bf16"}:
        return ("bfloat16", "float32")
    if flags & {"avx512_vnni", "avx_vnni"}:
        return ("int8", "float32")
    return ("float32",)


def converted(model: "nn.Module", precision: Precision) -> "nn.Module":
    """A copy of the transformer `model` in `precision` (the model itself for float32)."""
    import torch

    if precision == "float32":
        return model
    model = copy.deepcopy(model)
    if precision == "bfloat16":
        return model.to(torch.bfloat16)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(parent, name, _int8_linear(child))
    return model


def _int8_linear(linear: Any) -> "nn.Module":
    import warnings

    import torch

    torch.backends.quantized.engine = "onednn" if "onednn" in torch.backends.quantized.supported_engines else "x86"
    weight = linear.weight.detach()
    scales = (weight.abs().amax(dim=1) / 127).clamp_min(1e-8).double()
    zeros = torch.zeros(len(weight), dtype=torch.long)
    with warnings.catch_warnings():
        # Deprecated, but torch has no other packed int8 weights for VNNI yet.
        warnings.simplefilter("ignore", UserWarning)
        quantised = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
    packed = torch.ops.quantized.linear_prepack(quantised, None if linear.bias is None else linear.bias.detach())

    class Int8Linear(torch.nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            # reduce_range=False keeps the eighth bit, which doubles the accuracy; VNNI does not saturate.
            return torch.ops.quantized.linear_dynamic(inputs, packed, False)

    return Int8Linear()
