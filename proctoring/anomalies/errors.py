"""Refusals of anomalies."""

from lms_core.kit.errors import NotFound


class AnomalyNotFound(NotFound):
    """No such flag, or not for this person."""

    code = "anomaly_not_found"
    title = "There is no such flag here"

    def __init__(self) -> None:
        super().__init__("The flag does not exist, was taken back by later pictures, or you may not review it.")
