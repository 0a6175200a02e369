"""Regions of a picture as Moodle's markers have them, in pixels: circles, rectangles, polygons."""

import math

from lms_core.learning.assessments.types.hotspot import Ellipse, Polygon, Rectangle, Region

CORNERS = 24  # of the polygon that stands for an ellipse


def shape_of(region: Region, width: int, height: int) -> tuple[str, str, bool]:
    """Moodle's shape and coordinates of a region, and whether it is another shape than it was."""
    match region:
        case Rectangle():
            left, top = round(region.x * width), round(region.y * height)
            across = max(1, round((region.x + region.width) * width) - left)
            down = max(1, round((region.y + region.height) * height) - top)
            return "rectangle", f"{left},{top};{across},{down}", False
        case Polygon():
            return "polygon", ";".join(f"{round(x * width)},{round(y * height)}" for x, y in region.points), False
        case Ellipse():
            return _ellipse(region, width, height)


def _ellipse(region: Ellipse, width: int, height: int) -> tuple[str, str, bool]:
    x, y = region.x * width, region.y * height
    across, down = region.radius_x * width, region.radius_y * height
    if abs(across - down) <= 1:
        return "circle", f"{round(x)},{round(y)};{max(1, round(across))}", False
    angles = [2 * math.pi * place / CORNERS for place in range(CORNERS)]
    corners = [(x + across * math.cos(angle), y + down * math.sin(angle)) for angle in angles]
    inside = [(min(width, max(0, round(cx))), min(height, max(0, round(cy)))) for cx, cy in corners]
    return "polygon", ";".join(f"{cx},{cy}" for cx, cy in inside), True
