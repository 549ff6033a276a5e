"""TensorBoard: writes each search to a folder, as curves and texts; neither TensorFlow nor torch is needed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from automl.plugin_api import Event, SearchFinished, SearchStarted, TrackerSpec, TrackRequest, hookimpl
from automl_builtins.trackers._course import Course, facts_of

FOLDER = "runs"
"""Where `tensorboard --logdir runs` looks, as the tools of torch have it."""


class TensorboardTracker:
    """Event files of one search in `PLACE/automl-DATE-TIME`; PLACE is "runs" where nothing was said."""

    def __init__(self, request: TrackRequest) -> None:
        """Make the folder and open the file."""
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer: Any = EventFileWriter(str(new_folder(Path(request.place or FOLDER))))
        self._course = Course()

    def observe(self, event: Event) -> None:
        """Write what happened; where that fails the file is closed, and the error is raised."""
        try:
            self._write(event)
        except Exception:
            with suppress(Exception):  # a full disk fails twice
                self._writer.close()
            raise

    def _write(self, event: Event) -> None:
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        numbers = self._course.take(event)
        if isinstance(event, SearchStarted):
            self._text("search", [{"setting": name, "value": value} for name, value in facts_of(event).items()])
        for name, value in numbers.items():
            self._add(scalar_pb(name, value))
        if isinstance(event, SearchFinished):
            for name, rows in self._course.tables.items():
                self._text(name, rows)
            self._text("ended", [{"reason": event.reason}])
            self._writer.close()
        elif numbers:
            self._writer.flush()  # for those who look on

    def _text(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        from tensorboard.plugins.text.summary_v2 import text_pb

        table = markdown_table(list(rows))
        if table:
            self._add(text_pb(name, table))

    def _add(self, summary: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event as Record

        self._writer.add_event(Record(wall_time=time.time(), step=self._course.step, summary=summary))


def new_folder(place: Path) -> Path:
    """Make a folder that no other search writes to."""
    stem = time.strftime("automl-%Y%m%d-%H%M%S")
    number = 1
    while True:
        folder = place / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder


def markdown_table(rows: list[Mapping[str, Any]]) -> str:
    """Return rows with equal keys as a table in Markdown; "" where there are none."""
    if not rows:
        return ""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in line) + " |" for line in lines
    )


TENSORBOARD = TrackerSpec(
    name="tensorboard",
    build=TensorboardTracker,
    requires=("tensorboard",),
    install="pip install 'ensemble-automl[tensorboard]'",
)


@hookimpl
def automl_trackers() -> tuple[TrackerSpec, ...]:
    """Offer TensorBoard."""
    return (TENSORBOARD,)
