"""Property runs: fit, predict, save and load tables drawn at random, and count what broke.

Run: python -m benchmarks.property_runs [--n 500] [--first 0] [--seconds 300]
"""

from __future__ import annotations

import argparse
import collections
import re
import tempfile
import time
import traceback
from pathlib import Path

from tests.drawn_tables import draw, run_through


def main() -> None:
    """Run the tables of consecutive seeds and print how many were fitted, refused and broken, and each break."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500, help="tables to draw")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this long")
    options = parser.parse_args()
    started, counts, refused, broken = time.perf_counter(), collections.Counter(), collections.Counter(), {}
    for seed in range(options.first, options.first + options.n):
        if time.perf_counter() - started > options.seconds:
            break
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcome = run_through(draw(seed), Path(folder))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                outcome = "BROKEN"
                told = f"{draw(seed).kinds} {draw(seed).options}\n{traceback.format_exc()}"
                broken.setdefault(cause_of(error), []).append((seed, told))
        counts[outcome.split(":")[0]] += 1
        if outcome.startswith("refused"):
            refused[re.sub(r"\d+|'[^']*'", "#", outcome)[:110]] += 1
    print(dict(counts), f"of {sum(counts.values())} tables in {time.perf_counter() - started:.0f} s")
    for reason, number in refused.most_common():
        print(f"{number:5d} x {reason}")
    for cases in broken.values():
        print(f"\n--- seeds {[seed for seed, _ in cases]}\n{cases[0][1][-3000:]}")


def cause_of(error: BaseException) -> str:
    """Return where an error arose and its last line without figures, so that equal causes are one."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    tail = re.sub(r"\d+", "#", lines[0] if "not equal" in str(error) else lines[-1])
    return f"{type(error).__name__} {Path(frame.filename).name}:{frame.lineno} {tail[:120]}"


if __name__ == "__main__":
    main()
