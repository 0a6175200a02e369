"""Refusals of documents."""

from lms_core.kit.errors import Conflict, NotFound


class DocumentNotFound(NotFound):
    """No such document, or it is somebody else's."""

    code = "document_not_found"
    title = "There is no such document here"

    def __init__(self) -> None:
        super().__init__("The document does not exist, or it is somebody else's. Look it up in your list of invoices.")


class DocumentPrepared(Conflict):
    """The PDF is being printed."""

    code = "document_prepared"
    title = "The document is being printed"

    def __init__(self) -> None:
        super().__init__("It is printed in the background and is here in a moment. Try again in a few seconds.")


class ControlUnitNotUsed(Conflict):
    """Data of a control unit for a seller, or a kind of document, that has none."""

    code = "control_unit_not_used"
    title = "This document has no control unit data"

    def __init__(self) -> None:
        super().__init__(
            "Only invoices and credit notes issued while eTIMS is on carry control unit data. Check the settings of "
            "the seller; receipts never carry it."
        )
