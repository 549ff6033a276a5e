"""Take the pictures of the README: a search in progress, and parts of the report that it ends with.

`make pictures` writes docs/pictures/search.svg and report.png. It needs Chromium and five minutes; nothing is drawn by
hand.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from automl import AutoML
from automl.plugin_api import Event, SearchStarted, hookimpl
from automl_builtins.observers._live import LiveDisplay

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
TARGET, SECONDS = "benign", 300
SEEN_AT = 0.6
"""Share of the time after which the search is seen."""
COLUMNS = 92
SIZE = (1180, 1540)
LEFT_OUT = ("asked", "validation")
"""Sections at the top that are words alone."""
COLOURS = 128
FETCHED_FONT = re.compile(r"@font-face \{.*?\}\s*", flags=re.DOTALL)
"""In rich's pictures; any monospaced font will do, and nothing is asked for from elsewhere."""


class Camera:
    """Watches a search as the panel does, and keeps what the panel shows at a moment of its middle."""

    def __init__(self) -> None:
        """Nothing has been seen yet."""
        self._display: LiveDisplay | None = None
        self._headline = ""
        self.seen = ""

    @hookimpl
    def automl_event(self, event: Event) -> None:
        """Take in what happened."""
        if isinstance(event, SearchStarted):
            told = io.StringIO()
            self._display = LiveDisplay(event, told, detailed=False)
            self._headline = told.getvalue().strip()
            threading.Timer(SEEN_AT * SECONDS - event.elapsed, self._draw).start()
        elif self._display is not None:
            self._display.take(event)

    def _draw(self) -> None:
        from rich.console import Console
        from rich.terminal_theme import MONOKAI

        if self._display is None:
            return
        console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
        console.print(f"$ automl fit train.csv --target {TARGET} --time-limit 5m", highlight=False, style="bold")
        console.print(self._headline, highlight=False)
        console.print(self._display.render())
        svg = console.export_svg(title="a search in progress", theme=MONOKAI, unique_id="search")
        self.seen = FETCHED_FONT.sub("", svg)


def photograph(report: Path, picture: Path) -> None:
    """Write a picture of a report as Chromium shows it, without what is left out and with a shorter leaderboard."""
    from PIL import Image

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("Found neither chromium nor google-chrome; expected one of them. apt-get install chromium brings it.")
    hidden = ", ".join(f"#{name}" for name in LEFT_OUT)
    shorter = "#leaderboard .scroll { max-height: 7.8rem; overflow: hidden; }"
    style = f"<style>{hidden} {{ display: none; }} {shorter}</style>"
    report.write_text(report.read_text(encoding="utf-8").replace("</head>", f"{style}</head>"), encoding="utf-8")
    plain = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    size = f"--window-size={SIZE[0]},{SIZE[1]}"
    subprocess.run([program, *plain, size, f"--screenshot={picture}", report.as_uri()], check=True, capture_output=True)
    Image.open(picture).convert("RGB").quantize(COLOURS).save(picture, optimize=True)


def search(camera: Camera) -> AutoML:
    """Return a model of tumours, those of docs/start.md, whose search the camera has seen."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer(as_frame=True).frame.rename(columns={"target": TARGET})
    return AutoML(time_limit=SECONDS, plugins=[camera], verbose=0).fit(table, TARGET)


def main() -> None:
    """Search, and write both pictures."""
    FOLDER.mkdir(exist_ok=True)
    camera = Camera()
    model = search(camera)
    (FOLDER / "search.svg").write_text(camera.seen, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        photograph(Path(model.report(Path(folder) / "report.html")), FOLDER / "report.png")


if __name__ == "__main__":
    main()
