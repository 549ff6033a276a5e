"""A search of a test in a process of its own, `python -m tests.plugins.fleets.control LOG OPTIONS`: tells its course.

Each line of LOG is one thing that happened, as JSON.
"""

import json
import sys
import time

from automl import AutoML
from automl.plugin_api import hookimpl
from tests.tables import binary_table

ROWS = 3_000


class Course:
    """Writes down what happens, and when."""

    def __init__(self, log):
        self.log = log

    def tell(self, what, **more):
        with open(self.log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"at": time.monotonic(), "what": what, **more}) + "\n")

    @hookimpl
    def automl_event(self, event):
        more = {name: getattr(event, name) for name in ("machine", "model", "came", "gone") if hasattr(event, name)}
        self.tell(type(event).__name__, **more)


def main(log, options):
    course, begun = Course(log), time.monotonic()
    try:
        model = AutoML(**json.loads(options), verbose=0, plugins=[course])
        model.fit(binary_table(ROWS), "bought")
    except Exception as error:
        course.tell("refused", error=f"{type(error).__name__}: {error}", seconds=time.monotonic() - begun)
        return
    seconds = time.monotonic() - begun
    failures = model.failures()[["model", "stage", "cause"]].values.tolist()
    course.tell("ended", seconds=seconds, notes=model.notes_, failures=failures, score=model.score_)


if __name__ == "__main__":
    main(*sys.argv[1:])
