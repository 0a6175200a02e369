"""Writes small GeoLite2-like files: MaxMind DB format 2.0, IPv6 search tree with 24-bit records."""

import struct
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

BITS, RECORD_BITS, SEPARATOR = 128, 24, bytes(16)
MARK = b"\xab\xcd\xefMaxMind.com"
STRING, DOUBLE, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 3, 5, 6, 7, 9, 11


@dataclass(frozen=True)
class Number:
    """An unsigned integer of one of the format's types."""

    kind: int
    value: int


def place(country: str, city: str, latitude: float, longitude: float, *, accuracy: int = 20) -> dict[str, Any]:
    """A record as GeoLite2-City has it."""
    return {
        "country": {"iso_code": country},
        "city": {"names": {"en": city}},
        "location": {
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_radius": Number(UINT16, accuracy),
        },
    }


NAIROBI = place("KE", "Nairobi", -1.2841, 36.8155)
MOMBASA = place("KE", "Mombasa", -4.0547, 39.6636)
SAO_PAULO = place("BR", "São Paulo", -23.5475, -46.6361)


def write(path: Path, networks: dict[str, dict[str, Any]]) -> Path:
    """A file that knows the records of these networks (IPv4 or IPv6)."""
    data, offsets = b"", {}
    for network, record in networks.items():
        offsets[network] = len(data)
        data += _encoded(record)
    nodes = _tree(offsets)
    tree = b"".join(_record(side, len(nodes)) for node in nodes for side in node)
    path.write_bytes(tree + SEPARATOR + data + MARK + _encoded(_metadata(len(nodes))))
    return path


def _tree(offsets: dict[str, int]) -> list[list[Any]]:
    """Nodes of two sides each: the number of a node, ("data", offset), or None."""
    nodes: list[list[Any]] = [[None, None]]
    for name, offset in offsets.items():
        network = ip_network(name)
        start, length = int(network.network_address), network.prefixlen + BITS - network.max_prefixlen
        at = 0
        for depth in range(length):
            side = start >> (BITS - 1 - depth) & 1
            if depth == length - 1:
                nodes[at][side] = ("data", offset)
            else:
                if nodes[at][side] is None:
                    nodes.append([None, None])
                    nodes[at][side] = len(nodes) - 1
                at = nodes[at][side]
    return nodes


def _record(side: Any, count: int) -> bytes:
    value = count if side is None else side if isinstance(side, int) else count + len(SEPARATOR) + side[1]
    return int(value).to_bytes(RECORD_BITS // 8, "big")


def _metadata(nodes: int) -> dict[str, Any]:
    return {
        "binary_format_major_version": Number(UINT16, 2),
        "binary_format_minor_version": Number(UINT16, 0),
        "build_epoch": Number(UINT64, 1_767_600_000),
        "database_type": "GeoLite2-City",
        "description": {"en": "made by a test"},
        "ip_version": Number(UINT16, 6),
        "languages": ["en"],
        "node_count": Number(UINT32, nodes),
        "record_size": Number(UINT16, RECORD_BITS),
    }


def _encoded(value: Any) -> bytes:
    if isinstance(value, dict):
        inner = b"".join(_encoded(each) for pair in value.items() for each in pair)
        return _control(MAP, len(value)) + inner
    if isinstance(value, list):
        return _control(ARRAY, len(value)) + b"".join(_encoded(each) for each in value)
    if isinstance(value, Number):
        content = value.value.to_bytes((value.value.bit_length() + 7) // 8, "big")
        return _control(value.kind, len(content)) + content
    if isinstance(value, float):
        return _control(DOUBLE, 8) + struct.pack(">d", value)
    content = str(value).encode()
    return _control(STRING, len(content)) + content


def _control(kind: int, size: int) -> bytes:
    assert size < 285
    length, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return bytes([kind << 5 | length]) + more if kind < 8 else bytes([length, kind - 7]) + more
