"""Cover art for courses that have no picture: an SVG drawn from the hash of the slug.

The motifs borrow from woven and printed cloth; the same slug is always the same cloth.
"""

import hashlib
from collections.abc import Callable, Iterator
from math import cos, pi, sin

from fastapi import APIRouter
from starlette.responses import Response

from api.web.assets import FOREVER

WIDTH, HEIGHT = 640, 320
PALETTES = (
    ("#0c6350", "#f2b66d", "#f7ead2", "#083f34"),
    ("#7a2e1d", "#f0a35e", "#fbe3c8", "#471509"),
    ("#23427a", "#f3c562", "#dbe7f6", "#132853"),
    ("#5b2a66", "#f08f7a", "#f4dcea", "#371540"),
    ("#2f5d3a", "#e9c46a", "#e6efd9", "#193a22"),
    ("#8a5a12", "#f6d9a0", "#fff3db", "#593708"),
    ("#14606e", "#f7a072", "#d9eff0", "#093b45"),
)

router = APIRouter(include_in_schema=False)


@router.get("/covers/{slug}.svg")
def cover(slug: str) -> Response:
    """The cover of the course with this slug; any slug has one."""
    return Response(draw(slug), media_type="image/svg+xml", headers={"Cache-Control": FOREVER})


def draw(slug: str) -> str:
    """An SVG of 640 by 320 drawn from `slug` alone."""
    seed = hashlib.sha256(slug.encode()).digest()
    base, warm, light, deep = PALETTES[seed[0] % len(PALETTES)]
    motif = MOTIFS[seed[1] % len(MOTIFS)]
    shapes = "".join(motif(seed, warm, light, deep))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{base}"/>{shapes}</svg>'
    )


def _hills(seed: bytes, warm: str, light: str, deep: str) -> Iterator[str]:
    sun = 140 + seed[2] * 360 // 255
    yield f'<circle cx="{sun}" cy="{110 + seed[3] // 6}" r="{46 + seed[4] // 8}" fill="{warm}"/>'
    for layer, (colour, opacity) in enumerate(((light, 0.22), (light, 0.38), (deep, 0.85))):
        top = 170 + layer * 45
        swing = 28 + seed[5 + layer] // 5
        shift = seed[8 + layer] * 2
        points = [(x, top + swing * sin((x + shift) / (70 + 20 * layer))) for x in range(-10, WIDTH + 31, 20)]
        line = " ".join(f"{x},{y:.0f}" for x, y in points)
        yield f'<polygon points="-10,{HEIGHT} {line} {WIDTH + 30},{HEIGHT}" fill="{colour}" opacity="{opacity}"/>'


def _diamonds(seed: bytes, warm: str, light: str, deep: str) -> Iterator[str]:
    size = 32 + seed[2] % 3 * 8
    for row in range(HEIGHT // size + 2):
        for column in range(WIDTH // (2 * size) + 2):
            x, y = column * 2 * size + (row % 2) * size, row * size
            pick = (seed[(row * 3 + column * 5) % 32] + row) % 4
            colour = (warm, light, deep, deep)[pick]
            yield f'<path d="M{x} {y - size}l{size} {size}l-{size} {size}l-{size} -{size}z" fill="{colour}"/>'
            if pick < 2:
                yield f'<circle cx="{x}" cy="{y}" r="{size // 5}" fill="{deep}"/>'


def _rings(seed: bytes, warm: str, light: str, deep: str) -> Iterator[str]:
    for index in range(4):
        x, y = seed[2 + index] * WIDTH // 255, seed[6 + index] * HEIGHT // 255
        for step in range(5):
            colour = (warm, light, deep)[(index + step) % 3]
            radius = 24 + step * (16 + seed[10 + index] // 20)
            yield (
                f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{colour}" '
                f'stroke-width="{10 - step}" opacity="0.75"/>'
            )


def _bands(seed: bytes, warm: str, light: str, deep: str) -> Iterator[str]:
    y = 0
    for index in range(9):
        height = 18 + seed[2 + index] // 9
        colour = (deep, warm, light)[seed[12 + index] % 3]
        yield f'<rect y="{y}" width="{WIDTH}" height="{height}" fill="{colour}" opacity="0.7"/>'
        if index % 2 == 0:
            zigzag = " ".join(f"{x},{y + (height if x // 20 % 2 else 0)}" for x in range(0, WIDTH + 21, 20))
            yield f'<polyline points="{zigzag}" fill="none" stroke="{light}" stroke-width="4" opacity="0.9"/>'
        y += height + 10


def _sunburst(seed: bytes, warm: str, light: str, deep: str) -> Iterator[str]:
    x, y, rays = WIDTH * (1 + seed[2] % 3) // 4, HEIGHT - 30 + seed[3] // 8, 18
    for ray in range(rays):
        first, second = (2 * ray) * pi / rays, (2 * ray + 1) * pi / rays
        corners = " ".join(f"{x + 760 * cos(angle):.0f},{y - 760 * sin(angle):.0f}" for angle in (first, second))
        yield f'<polygon points="{x},{y} {corners}" fill="{light if ray % 2 else warm}" opacity="0.3"/>'
    for radius, colour in ((120, deep), (96, warm), (64, light), (36, deep)):
        yield f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'


Motif = Callable[[bytes, str, str, str], Iterator[str]]
MOTIFS: tuple[Motif, ...] = (_hills, _diamonds, _rings, _bands, _sunburst)
