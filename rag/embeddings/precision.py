"""The arithmetic the model runs in: bfloat16, int8 or float32, whichever this CPU does fast and faithfully.

int8 means each linear layer's weights in 8 bits per output channel and its
input in 8 bits per call (dynamic quantisation); it needs VNNI, since without
it the 16-bit sums saturate. A few input channels of BERT are ten times as
large as the others and would spoil that one scale; they are shrunk first and
their weights grown instead (SmoothQuant, Xiao et al. 2023, with strength 1/2).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.embeddings.bert import Linear, LinearMaker

if TYPE_CHECKING:
    from torch import Tensor

Precision = Literal["bfloat16", "int8", "float32"]
Ranges = dict[str, "Tensor"]  # layer name -> largest magnitude seen of each input channel
# Below this cosine with float32 a faster arithmetic is refused.
FAITHFUL = 0.99
_SMOOTHING = 0.5
_FEW_ROWS = 64  # up to here FBGEMM is faster than oneDNN: a question in 5.7 ms and not 9
_OUTLIER = 6.0  # times the median channel; layers without such a channel lose nothing and are left alone


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


def plain(name: str, weight: "Tensor", bias: "Tensor") -> Linear:
    """The layer in the dtype of its weight."""
    from torch.nn import functional

    return lambda inputs: functional.linear(inputs, weight, bias)


def recording(ranges: Ranges) -> LinearMaker:
    """Plain layers that also write down in `ranges` how large each input channel gets."""
    import torch

    def make(name: str, weight: "Tensor", bias: "Tensor") -> Linear:
        compute = plain(name, weight, bias)

        def layer(inputs: "Tensor") -> "Tensor":
            largest = inputs.flatten(0, -2).abs().amax(dim=0)
            ranges[name] = torch.maximum(ranges[name], largest) if name in ranges else largest
            return compute(inputs)

        return layer

    return make


def int8(ranges: Ranges) -> LinearMaker:
    """Layers in 8 bits; `ranges` must come from `recording` on text of the kind to be read."""
    import warnings

    import torch

    def make(name: str, weight: "Tensor", bias: "Tensor") -> Linear:
        relative = ranges[name] / ranges[name].median().clamp_min(1e-6)
        uneven = float(relative.max()) > _OUTLIER
        # Never below 1: a channel that the sample happened to leave quiet must not be amplified.
        shrink = relative.clamp_min(1) ** _SMOOTHING
        weight = weight * shrink if uneven else weight
        scales = (weight.abs().amax(dim=1) / 127).clamp_min(1e-8).double()
        with warnings.catch_warnings():
            # Deprecated, but torch has no other packed int8 weights for VNNI yet.
            warnings.simplefilter("ignore", UserWarning)
            zeros = torch.zeros(len(weight), dtype=torch.long)
            quantised = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        few, many = _packed(quantised, bias, "x86"), _packed(quantised, bias, "onednn")
        grow = 1 / shrink

        def layer(inputs: "Tensor") -> "Tensor":
            packed = few if inputs.numel() <= _FEW_ROWS * inputs.shape[-1] else many
            # reduce_range=False keeps the eighth bit, which doubles the accuracy; VNNI does not saturate.
            return torch.ops.quantized.linear_dynamic(inputs * grow if uneven else inputs, packed, False)

        return layer

    return make


def _packed(weight: "Tensor", bias: "Tensor", engine: str) -> Any:
    """The layer's weights as `engine` wants them; another engine where torch was built without that."""
    import torch

    supported = torch.backends.quantized.supported_engines
    torch.backends.quantized.engine = engine if engine in supported else "x86"
    return torch.ops.quantized.linear_prepack(weight, bias)
