"""Runs networks with OpenVINO: one compiled model, one request per thread, so that threads never wait for each other.

Every request computes on one core. With as many threads as cores that gives
more pictures a second than one request on all cores, which idles at each layer's end.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.errors import ModelUnavailable

Floats = NDArray[np.float32]
CPU = "CPU"


class Network:
    """A compiled network; `run` may be called from any thread."""

    def __init__(self, compiled: Any, outputs: tuple[str, ...]) -> None:
        self._compiled, self._outputs = compiled, outputs
        self._local = threading.local()

    @property
    def any_size(self) -> bool:
        """Whether the first input may have any height and width."""
        return bool(self._compiled.inputs[0].get_partial_shape().is_dynamic)

    def run(self, *inputs: NDArray[Any]) -> list[Floats]:
        """The outputs for one set of inputs, in the network's order; arrays of their own."""
        return self._infer(list(inputs))

    def run_named(self, inputs: dict[str, NDArray[Any]]) -> dict[str, Floats]:
        """As `run`, by names of inputs and outputs."""
        return dict(zip(self._outputs, self._infer(inputs), strict=True))

    def _infer(self, inputs: Any) -> list[Floats]:
        request = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._compiled.create_infer_request()
        request.infer(inputs, share_inputs=True)
        return [np.array(request.get_output_tensor(at).data, dtype=np.float32) for at in range(len(self._outputs))]


def load(
    path: Path,
    *,
    threads: int,
    shape: tuple[int, ...] | None = None,
    exact: bool = False,
    device: str = CPU,
    change: Callable[[Any], Any] | None = None,
    pictures: bool = False,
) -> Network:
    """Compile `path` (.xml or .onnx) for `device`, as OpenVINO names it.

    `change` makes of the model read another one, before `shape` replaces the
    first input's (-1 is any size). `pictures`: instead of RGB from 0 to 1 the network is
    given what OpenCV holds (1 x height x width x BGR, 8 bits). `exact` computes in single precision where the
    device would choose a shorter one. Raises ModelUnavailable.
    """
    import openvino  # large; only for those who look at pictures

    try:
        core = openvino.Core()
        model = core.read_model(str(path))
        if change is not None:
            model = change(model)
        outputs = tuple(min(port.names, default=str(at)) for at, port in enumerate(model.outputs))
        if shape is not None:
            model.reshape({model.inputs[0]: openvino.PartialShape(list(shape))})
        if pictures:
            model = _given_pictures(model)
        settings: dict[str, Any] = {"PERFORMANCE_HINT": "THROUGHPUT"}
        if device == CPU:
            settings |= {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": threads}
        if exact:
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        return Network(core.compile_model(model, device, settings), outputs)
    except RuntimeError as error:
        raise ModelUnavailable(
            f"{path.name} cannot be loaded for {device}: {str(error).strip().splitlines()[-1][:200]}"
        ) from error


def _given_pictures(model: Any) -> Any:
    """The model with a first step that turns 8-bit BGR pictures into RGB numbers from 0 to 1."""
    import openvino
    from openvino.preprocess import ColorFormat, PrePostProcessor

    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_color_format(
        ColorFormat.BGR
    )
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).convert_color(ColorFormat.RGB).scale(255.0)
    return steps.build()
