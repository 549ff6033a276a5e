"""HTML: a story as one self-contained file, which holds its style and figures and asks for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from automl.errors import OptionError
from automl.registry import OWN_PACKAGE
from automl.reporting.libraries import need
from automl.reporting.page import Section, between, number
from automl.reporting.story import Story
from automl.vocabulary.places import place_of
from automl.vocabulary.states import Status

MOST_NOTES = 6


def write_report(story: Story, path: str | Path) -> Path:
    """Write the report to a file and return its path."""
    place = place_of(path)
    if place.is_dir():
        raise OptionError(f"{str(place)!r} is a folder; expected a file to write, such as report.html.")
    text = render_report(story)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptionError(f"{str(place)!r} cannot be written: {error}. Choose another place.") from error
    return place


def render_report(story: Story) -> str:
    """Return the report as HTML. Names and values are escaped by the template; figures are SVG of matplotlib's."""
    need("A report", "report", "jinja2", "matplotlib")
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from automl.reporting.sections import sections

    def trusted(section: Section) -> Section:
        return replace(section, figures=tuple(replace(each, svg=Markup(each.svg)) for each in section.figures))

    folder = files("automl.reporting")
    engine = Environment(autoescape=True, undefined=StrictUndefined, finalize=_kept_together)
    template = engine.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    css = Markup((folder / "report.css").read_text(encoding="utf-8"))
    return str(
        template.render(
            title=story.title,
            kind=f"automl report: {story.task.kind.value}{' classification' if story.task.classes else ''}",
            tiles=_tiles(story),
            notes=story.notes[:MOST_NOTES],
            sections=[trusted(each) for each in sections(story)],
            css=css,
            version=version(OWN_PACKAGE),
            made=date.today().isoformat(),
        )
    )


def _tiles(story: Story) -> list[tuple[Any, ...]]:
    board, facts = story.board, dict(story.validated)
    whole = board[board["status"] == Status.COMPLETE]
    best = (whole if len(whole) else board).head(1)
    low_high = between(*story.interval)
    tiles = [(f"{story.metric.name}, cross-fitted", number(story.score), f"95 % interval {low_high}")]
    if story.measured is not None:
        found = story.measured
        tiles.append(
            (f"{story.metric.name}, rows given", number(found.score), f"95 % interval {between(*found.interval)}")
        )
    if len(best):
        tiles.append(("Best single model", number(best["score"].iloc[0]), str(best["model"].iloc[0])))
    n_members = int((board["weight"] > 0).sum())
    tiles.append(
        ("Ensemble", str(n_members), f"{_plural(n_members, 'member')}, of {len(board)} candidates ({story.ensemble})")
    )
    if facts:
        tiles.append(("Time taken", facts["Time taken"], facts["Ended because"]))
    warnings = int((story.audit["severity"] == "warning").sum())
    n_notes = len(story.audit) - warnings
    tiles.append(("Data audit", str(warnings), f"{_plural(warnings, 'warning')}, {n_notes} {_plural(n_notes, 'note')}"))
    return tiles


def _kept_together(value: Any) -> Any:
    """Return a text whose numbers stay on one line with their percent sign."""
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if type(value) is str else value


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
