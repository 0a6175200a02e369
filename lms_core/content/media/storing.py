"""Where the smaller variants of a picture go, and how the bytes of an item are copied."""

from typing import Any

from lms_core.kit.storage import Storage

Variants = dict[str, dict[str, tuple[str, int]]]  # width -> media type -> storage key and bytes


def store_variants(storage: Storage, folder: str, variants: dict[int, dict[str, bytes]]) -> Variants:
    """Put each variant into the item's folder."""
    kept: Variants = {}
    for width, made in variants.items():
        for kind, content in made.items():
            key = f"{folder}/{width}.{kind.partition('/')[2]}"
            storage.put(key, content)
            kept.setdefault(str(width), {})[kind] = (key, len(content))
    return kept


def moved_keys(details: dict[str, Any], *, old: str, new: str) -> dict[str, Any]:
    """An item's details with the keys of its variants in another folder."""
    variants = {
        width: {kind: [key.replace(old, new, 1), size] for kind, (key, size) in made.items()}
        for width, made in details.get("variants", {}).items()
    }
    return {**details, "variants": variants} if variants else dict(details)
