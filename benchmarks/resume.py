"""Does a search that is killed go on where it stopped? python benchmarks/resume.py [--kills 20] [--trials 12]

One search by count runs unbroken. Then, as often as asked, the same search is killed (SIGKILL, the controller alone) at
a random moment and called again with the same `path`. One line a kill: how many fits were written down until then, how
many of those were made again, and whether leaderboard, score and predictions are those of the unbroken run to the last
bit.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from automl.plugin_api import FoldStarted, hookimpl

COMPARED = ["model", "score", "weight", "status", "params"]


def made_table(n_rows=500):
    """Return numbers, a category, gaps and two classes."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"number_{k}": rng.normal(size=n_rows) for k in range(5)})
    frame["category"] = rng.choice(list("abcdef"), n_rows)
    signal_ = frame["number_0"] + frame["number_1"] * frame["number_2"] + (frame["category"] < "c")
    frame.loc[rng.random(n_rows) < 0.1, "number_3"] = np.nan
    frame["target"] = np.where(signal_ + rng.logistic(size=n_rows) > 0.5, "yes", "no")
    return frame


class Counter:
    """Writes down every fit that is begun, each on a line."""

    def __init__(self, path):
        self.path = path

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, FoldStarted):
            with self.path.open("a") as file:
                file.write(f"{event.candidate_id} {event.fold}\n")


def run_one(path, trials):
    """Search, and write what came of it."""
    from automl import AutoML

    frame = made_table()
    counter = Counter(Path(f"{path}.started"))
    automl = AutoML(
        None, max_trials=trials, n_jobs=2, cv=3, path=path, plugins=[counter], verbose=0,
        models=["linear", "lightgbm", "extra_trees"],
    ).fit(frame[:400], "target")  # fmt: skip
    found = {
        "leaderboard": automl.leaderboard()[COMPARED].astype(str).to_numpy().tolist(),
        "score": automl.score_,
        "predictions": automl.predict_proba(frame[400:]).tolist(),
        "notes": list(automl.notes_),
    }
    Path(f"{path}.json").write_text(json.dumps(found))


def begin(path, trials):
    """Start the search in a process of its own."""
    command = [sys.executable, __file__, "--one", str(path), "--trials", str(trials)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ended(process):
    """Wait for the process; what it says goes out where it failed."""
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(errors)


def written_down(path):
    """Return the fits in the log of a folder, by candidate and fold."""
    log = Path(path) / "run" / "folds.log"
    if not log.exists():
        return set()
    keys = [json.loads(line.split(b" ", 1)[1])["key"] for line in log.read_bytes().split(b"\n")[:-1] if line]
    return {f"{key[0]} {key[1]}" for key in keys}


def begun(path):
    """Return the fits that were begun in the life of one process, and forget them."""
    file = Path(f"{path}.started")
    found = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return found


def result_of(path):
    """Return what came of a search, without the notes, which tell of the interruption."""
    found = json.loads(Path(f"{path}.json").read_text())
    return {name: value for name, value in found.items() if name != "notes"}


def kill_one(path, trials, after, delay, wanted):
    """Kill a search so many seconds after a fit was begun, go on, and return what is to be told."""
    started, process, counted = time.monotonic(), begin(path, trials), Path(f"{path}.started")
    while process.poll() is None and after > (counted.read_text().count("\n") if counted.exists() else 0):
        time.sleep(0.005)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    moment = time.monotonic() - started
    process.communicate()
    done = written_down(path)
    begun(path)
    ended(begin(path, trials))
    again = done & set(begun(path))
    return {"killed_at_s": round(moment, 2), "fits_done": len(done), "fitted_again": len(again),
            "equal": result_of(path) == wanted}  # fmt: skip


def main():
    """Run the unbroken search, then the killed ones; exit with 1 where a fit was lost or a result differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.trials)
        return
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as work:
        started = time.monotonic()
        ended(begin(f"{work}/unbroken", options.trials))
        seconds = time.monotonic() - started
        wanted, n_fits = result_of(f"{work}/unbroken"), len(begun(f"{work}/unbroken"))
        print(json.dumps({"unbroken_s": round(seconds, 2), "fits": n_fits}), flush=True)
        told = []
        for number in range(options.kills):
            after, delay = draw.randint(1, n_fits), draw.uniform(0.0, 0.3)
            told.append(kill_one(f"{work}/{number}", options.trials, after, delay, wanted))
            print(json.dumps(told[-1]), flush=True)
    again, equal = sum(each["fitted_again"] for each in told), sum(each["equal"] for each in told)
    print(json.dumps({"kills": len(told), "fitted_again": again, "equal": equal}))
    raise SystemExit(0 if again == 0 and equal == len(told) else 1)


if __name__ == "__main__":
    main()
