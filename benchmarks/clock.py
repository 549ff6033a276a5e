"""Is the clock kept?  python benchmarks/clock.py TABLES [--limits 10,60,300] [--results RESULTS.jsonl]

Fits every table with every limit, in a process of its own, one after another, and prints the wall time from the call of
`fit` to its return against what is promised: the limit, one second, and one percent of it. Saving is inside where
`--path` is given, as it is inside `fit` then. A table of text or a large one shows what a small one does not: take all.
Finished runs are kept in RESULTS.jsonl, so that a run can go on. Exits with 1 where the promise is broken.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tables import find_tables, read_meta, read_table

KINDS = ("tabular", "text")
SECONDS, SHARE = 1.0, 0.01


def allowed(limit):
    """Return the seconds in which a search has to be over."""
    return limit + SECONDS + SHARE * limit


def run_one(folder, limit, jobs, keeps):
    """Fit once and return the seconds that it took, and how much came of it."""
    from automl import AutoML

    meta, table = read_meta(folder), read_table(folder)
    with tempfile.TemporaryDirectory() as place:
        options = {"path": place} if keeps else {}
        model = AutoML(limit, metric=meta["metric"], n_jobs=jobs, verbose=0, **options)
        begun = time.monotonic()
        model.fit(table.frame, table.target)
        seconds = time.monotonic() - begun
    board = model.leaderboard()
    return {
        "rows": len(table.frame),
        "seconds": seconds,
        "over": seconds - limit,
        "kept": seconds <= allowed(limit),
        "complete": int((board["status"] == "complete").sum()),
        "members": int((board["weight"] > 0).sum()),
        "score": model.score_,
    }


def run_all(tables, options):
    """Run what is not in the results yet and return all of it."""
    records = []
    if options.results is not None and options.results.exists():
        records = [json.loads(line) for line in options.results.read_text().splitlines()]
    done = {(each["table"], each["limit"]) for each in records}
    for limit in options.limits:
        for folder in tables:
            if (folder.name, limit) in done:
                continue
            command = [sys.executable, __file__, "--one", str(folder), str(limit), str(options.jobs)]
            output = subprocess.run([*command, str(int(options.path))], capture_output=True, text=True, check=False)
            found = {"kept": False, "error": output.stderr[-2000:]}
            if output.returncode == 0:
                found = json.loads(output.stdout.splitlines()[-1])
            records.append({"table": folder.name, "limit": limit} | found)
            print_line(records[-1])
            if options.results is not None:
                with options.results.open("a") as file:
                    file.write(json.dumps(records[-1]) + "\n")
    return records


def print_line(record):
    if "error" in record:
        print(f"| {record['table']} | {record['limit']:g} | failed: {record['error'].strip()[-300:]} |", flush=True)
        return
    print(
        f"| {record['table']} | {record['rows']} | {record['limit']:g} | {record['seconds']:.2f} "
        f"| {allowed(record['limit']):.2f} | {record['complete']} | {record['members']} "
        f"| {'yes' if record['kept'] else 'NO'} |",
        flush=True,
    )


def main():
    if sys.argv[1:2] == ["--one"]:
        folder, limit, jobs, keeps = sys.argv[2:]
        print(json.dumps(run_one(Path(folder), float(limit), int(jobs), keeps == "1")))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--limits", type=lambda text: [float(each) for each in text.split(",")], default=[10, 60, 300])
    parser.add_argument("--results", type=Path)
    parser.add_argument("--names", default="", help="tables, separated by commas; all by default")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--path", action="store_true", help="save the model too, inside the limit")
    options = parser.parse_args()
    print(
        "| table | rows | limit s | wall s | allowed s | complete | members | kept |\n|---|---|---|---|---|---|---|---|"
    )
    records = run_all(find_tables(options.tables, tuple(filter(None, options.names.split(","))), KINDS), options)
    over = [each["over"] for each in records if "over" in each]
    kept = sum(each["kept"] for each in records)
    print(f"{kept} of {len(records)} kept; largest overrun {max(over, default=float('nan')):+.2f} s")
    sys.exit(0 if kept == len(records) else 1)


if __name__ == "__main__":
    main()
