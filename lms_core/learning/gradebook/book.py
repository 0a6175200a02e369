"""A course's gradebook as it stands: settings, categories and columns read together, and the tree that is counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from lms_core.kit.context import ReadCtx
from lms_core.learning.gradebook import queries
from lms_core.learning.gradebook.models import Gradebook, GradeCategory, GradeItem, GradeScale, ItemKind
from lms_core.learning.gradebook.scales import DEFAULT, PRESET_NAMES, PRESETS, Band, band_of
from lms_core.learning.gradebook.schemas import BandIn, CategoryView, ColumnView, ScaleView, SettingsIn, SettingsView
from lms_core.learning.gradebook.sources import SOURCES, Column
from lms_core.learning.gradebook.totals import Branch, Leaf, percent

_RULES = ("aggregation", "empty", "drop_lowest", "keep_highest")
_OF_ITEM = ("id", "kind", "source_id", "category_id", "weight", "position", "extra_credit", "excluded")


@dataclass(frozen=True, slots=True)
class Book:
    """What a gradebook looks like for everybody in the course. `bands` are the letters in force, highest first."""

    course_id: UUID
    settings: SettingsView
    categories: tuple[CategoryView, ...]
    columns: tuple[ColumnView, ...]
    bands: tuple[Band, ...]
    by_id: Mapping[UUID, ColumnView] = field(default_factory=dict)

    def band(self, fraction: float | None) -> Band | None:
        """The band of a fraction."""
        return band_of(self.bands, percent(fraction))

    def letter(self, fraction: float | None) -> str:
        """The letter of a fraction, empty without one."""
        band = self.band(fraction)
        return "" if band is None else band.letter

    def tree(self, *, shown_to_learners: bool = False, hexadecimal: bool = False) -> Branch:
        """What is counted: columns neither excluded nor of a draft; for a learner, only those they may see.

        `hexadecimal`: columns are named as in `queries.fractions`, else by their ids.
        """
        inside: dict[UUID | None, list[Leaf]] = {}
        for each in self.columns:
            if each.excluded or not each.published or each.maximum <= 0:
                continue
            if shown_to_learners and not is_shown(each):
                continue
            leaf = Leaf(each.id.hex if hexadecimal else each.id, each.maximum, each.weight, each.extra_credit)
            inside.setdefault(each.category_id, []).append(leaf)

        def branch(view: CategoryView) -> Branch:
            nested = [branch(each) for each in self.categories if each.parent_id == view.id]
            children = (*nested, *inside.get(view.id, ()))
            return Branch(view.id, children, view.weight, *(getattr(view, name) for name in _RULES))

        outer = [branch(each) for each in self.categories if each.parent_id is None]
        rules = (getattr(self.settings, name) for name in _RULES)
        return Branch(None, (*outer, *inside.get(None, ())), 1.0, *rules)


def is_shown(column: ColumnView) -> bool:
    """Whether learners see this column and what they have in it."""
    return column.published and not column.hidden and column.told


def load(ctx: ReadCtx, course_id: UUID, *, waiting: bool = False) -> Book:
    """The gradebook of a course. Four statements and one per source; another each for what is `waiting`."""
    counts: dict[UUID, int] = {}
    for source in SOURCES.values() if waiting else ():
        counts.update(source.waiting(ctx, course_id))
    return load_all(ctx, [course_id], counts=counts)[course_id]


def load_all(
    ctx: ReadCtx, course_ids: Collection[UUID], *, counts: Mapping[UUID, int] | None = None
) -> dict[UUID, Book]:
    """The gradebooks of courses, in as many statements as that of one. `counts`: what is waiting, by source."""
    rows = {row.course_id: row for row in queries.books(ctx, course_ids)}
    own = queries.scales(ctx)
    found = {kind: {each.id: each for each in source.columns(ctx, course_ids)} for kind, source in SOURCES.items()}
    categories: dict[UUID, list[CategoryView]] = {course_id: [] for course_id in course_ids}
    for category in queries.categories(ctx, course_ids):
        categories[category.course_id].append(category_view(category))
    items: dict[UUID, list[GradeItem]] = {course_id: [] for course_id in course_ids}
    for item in queries.items(ctx, course_ids):
        items[item.course_id].append(item)
    books = {}
    for course_id in course_ids:
        columns = in_order(_columns(items[course_id], found, counts or {}), categories[course_id])
        scale = scale_in_force(rows.get(course_id), own)
        books[course_id] = Book(
            course_id=course_id,
            settings=_settings(rows.get(course_id), scale),
            categories=tuple(categories[course_id]),
            columns=columns,
            bands=tuple(Band(band.letter, band.from_percent, band.points) for band in scale.bands),
            by_id={each.id: each for each in columns},
        )
    return books


def _columns(
    items: Collection[GradeItem], found: Mapping[ItemKind, Mapping[UUID, Column]], counts: Mapping[UUID, int]
) -> list[ColumnView]:
    views = []
    for item in items:
        source = found.get(item.kind, {}).get(item.source_id) if item.source_id is not None else None
        if item.kind != ItemKind.MANUAL and source is None:  # its quiz is gone
            continue
        views.append(column_view(item, source, waiting=counts.get(item.source_id, 0) if item.source_id else 0))
    return views


def column_view(item: GradeItem, source: Column | None, *, waiting: int = 0) -> ColumnView:
    """A column with what its source says of it now."""
    maximum = item.maximum if item.maximum is not None else source.maximum if source is not None else 0.0
    return ColumnView(
        **{name: getattr(item, name) for name in _OF_ITEM},
        hidden=item.hidden,
        locked=item.locked,
        title=item.title if source is None else source.title,
        maximum=maximum,
        scaled=source is not None and item.maximum is not None,
        due_at=item.due_at if source is None else source.due_at,
        published=source is None or source.published,
        told=source is None or source.told,
        waiting=waiting,
    )


def in_order(columns: list[ColumnView], categories: Collection[CategoryView]) -> tuple[ColumnView, ...]:
    """Columns category by category, as the categories stand; those in none at the end."""
    places: dict[UUID | None, int] = {}
    for outer in (each for each in categories if each.parent_id is None):
        for each in (outer, *(inner for inner in categories if inner.parent_id == outer.id)):
            places[each.id] = len(places)
    last = len(places)
    return tuple(sorted(columns, key=lambda each: (places.get(each.category_id, last), each.position, each.id)))


def category_view(row: GradeCategory) -> CategoryView:
    """A category as it is shown."""
    return CategoryView(**{name: getattr(row, name) for name in CategoryView.model_fields})


def scale_in_force(row: Gradebook | None, own: Collection[GradeScale]) -> ScaleView:
    """The letters of a course: its own choice, else the institution's usual scale, else the first preset."""
    if row is not None and row.scale_id is not None:
        chosen = next((each for each in own if each.id == row.scale_id), None)
        if chosen is not None:
            return scale_view(chosen)
    if row is not None and row.preset in PRESETS:
        return preset_view(row.preset)
    usual = next((each for each in own if each.is_default), None)
    return scale_view(usual) if usual is not None else preset_view(DEFAULT)


def scale_view(row: GradeScale) -> ScaleView:
    """An institution's own scale as it is shown."""
    bands = tuple(BandIn.model_validate(band) for band in row.bands)
    return ScaleView(id=row.id, preset="", name=row.name, bands=bands, is_default=row.is_default)


def preset_view(preset: str) -> ScaleView:
    """A preset as it is shown."""
    bands = tuple(BandIn(**band._asdict()) for band in PRESETS[preset])
    return ScaleView(id=None, preset=preset, name=PRESET_NAMES[preset], bands=bands, is_default=False)


def _settings(row: Gradebook | None, scale: ScaleView) -> SettingsView:
    chosen: Gradebook | SettingsIn = row or SettingsIn()
    return SettingsView(
        **{name: getattr(chosen, name) for name in _RULES},
        show_total=chosen.show_total,
        preset=chosen.preset,
        scale_id=chosen.scale_id,
        scale=scale,
    )
