"""Do two versions of this project find the same?  python -m benchmarks.compare_commits BEFORE [AFTER] [--saved]

Searches by count (counted_searches.py: eight tables of classes and numbers, with text, dates, weights, groups, an order
of time and gaps, and every model that needs neither pictures nor a pretrained network) run with the code of the commit
BEFORE and with that of AFTER, else of this working tree, each in a process whose modules and plugins are that tree's
alone. For each table it is told which results are the same to the last bit: predictions, those of one row alone,
probabilities, leaderboard, score with interval, other metrics, notes, audit, columns and failures. With `--saved`
AFTER loads the models that BEFORE has saved, too, and they are to predict the same to 1e-9. Exits with 1 on any
difference.

`--keep FOLDER` keeps what BEFORE found, so that it need not run again; `--csv FILE:TARGET` adds a table.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.counted_searches import QUESTIONS

ROOT = Path(__file__).resolve().parents[1]
SEARCHES = ROOT / "benchmarks" / "counted_searches.py"
CLOSE = 1e-9
"""How near a loaded model's predictions are to be to those of the model that was saved."""


@dataclass(frozen=True, slots=True)
class Job:
    """The tables to search, those that come from files, and where the results go."""

    tables: tuple[str, ...]
    csv: dict[str, tuple[str, str]]
    results: Path


@contextmanager
def checked_out(commit: str | None) -> Iterator[Path]:
    """Yield a folder with the files of a commit; that of this working tree for None."""
    if commit is None:
        yield ROOT
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def write_entry_points(tree: Path, folder: Path) -> None:
    """Describe a tree's package in a folder as one installed there; first on the path, it hides the one that is."""
    project = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    described = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [f"{name} = {module}\n" for name, module in project["entry-points"]["automl"].items()]
    (described / "entry_points.txt").write_text("".join(["[automl]\n", *lines]))


def run(tree: Path, job: Job, saved: Path | None = None) -> float:
    """Do a job with the code of a tree; return the seconds it took."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        write_entry_points(tree, Path(folder))
        asked = {"tables": job.tables, "csv": job.csv, "results": str(job.results), "saved": saved and str(saved)}
        (Path(folder) / "job.json").write_text(json.dumps(asked))
        paths = os.pathsep.join([folder, str(tree), str(tree / "plugins")])
        subprocess.run(
            [sys.executable, "-P", str(SEARCHES), str(Path(folder) / "job.json")],
            check=True, cwd=folder, env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
    return time.monotonic() - started


def difference(before: list[str], after: list[str]) -> str:
    """Return "same", or in how many lines the two differ, and the first of those."""
    if before == after:
        return "same"
    if len(before) != len(after):
        return f"DIFFERS: {len(before)} lines  ->  {len(after)} lines"
    found = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    return f"DIFFERS in {len(found)} of {len(before)} lines: {found[0][0]}  ->  {found[0][1]}"


def bits(before: np.ndarray, after: np.ndarray) -> str:
    """Return "same" where two arrays agree to the last bit, else by how much they differ."""
    if before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes():
        return "same"
    return f"DIFFERS: {_distance(before, after)}"


def close(before: np.ndarray, after: np.ndarray) -> str:
    """Return "same" where two arrays agree to 1e-9 of their size, else by how much they differ."""
    if before.dtype.kind == "f" and before.shape == after.shape and np.allclose(before, after, CLOSE, CLOSE):
        return "same"
    return bits(before, after)


def _distance(before: np.ndarray, after: np.ndarray) -> str:
    if before.shape != after.shape or before.dtype.kind != after.dtype.kind:
        return f"{before.dtype} {before.shape}  ->  {after.dtype} {after.shape}"
    if before.dtype.kind != "f":
        return f"{(before != after).sum()} of {before.size} values"
    return f"at most {np.abs(before - after).max():.3g}, {(before != after).mean():.0%} of the values"


def compare(before: Path, after: Path) -> dict[str, str]:
    """Return, for each result of a search, whether two versions have found the same."""
    arrays = [np.load(each / "arrays.npz") for each in (before, after)]
    told = [json.loads((each / "told.json").read_text()) for each in (before, after)]
    found = {name: bits(arrays[0][name], arrays[1][name]) for name in arrays[0]}
    found |= {name: difference(told[0][name], told[1][name]) for name in told[0]}
    if (after / "loaded.npz").exists():
        loaded = np.load(after / "loaded.npz")
        found |= {f"loaded {name}": close(arrays[0][name], loaded[name]) for name in arrays[0]}
    return found


def models_of(folder: Path) -> set[str]:
    """Return the models that a search has tried to their end."""
    lines = json.loads((folder / "told.json").read_text())["leaderboard"]
    column = lines[0].split(" | ").index("model")
    return {line.split(" | ")[column] for line in lines[1:]}


def tell(name: str, found: dict[str, str]) -> bool:
    """Print a table's line, and one for each difference; return whether there is none."""
    differing = {result: text for result, text in found.items() if text != "same"}
    same = [result for result in found if result not in differing]
    print(f"{name:<16} same: {', '.join(same) or 'nothing'}", flush=True)
    for result, text in differing.items():
        print(f"{name:<16} {result} {text}", flush=True)
    return not differing


def read_options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", help="a commit, whose results are what is right")
    parser.add_argument("after", nargs="?", help="another; by default the files of this working tree")
    parser.add_argument("--tables", default="", help="some of them, by commas: " + ", ".join(QUESTIONS))
    parser.add_argument("--csv", action="append", default=[], metavar="FILE:TARGET", help="a table more, from a file")
    parser.add_argument("--saved", action="store_true", help="load what BEFORE saved with AFTER, too")
    parser.add_argument("--keep", type=Path, help="a folder for what BEFORE finds")
    return parser.parse_args()


def main() -> None:
    """Run what is not kept, compare, and exit with 1 where anything differs."""
    options = read_options()
    csv = {Path(path).stem: (str(Path(path).resolve()), target)
           for path, target in (each.rsplit(":", 1) for each in options.csv)}  # fmt: skip
    tables = tuple(filter(None, options.tables.split(","))) or (*QUESTIONS, *csv)
    commit, searches = _git("rev-parse", options.before), hashlib.sha256(SEARCHES.read_bytes()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        before = (options.keep or Path(folder) / "before").resolve() / f"{commit[:12]}-{searches[:8]}"
        after = Path(folder) / "after"
        lacking = tuple(name for name in tables if not (before / name / "told.json").exists())
        print(f"before: {commit[:12]}, {len(tables) - len(lacking)} tables kept", flush=True)
        if lacking:
            with checked_out(commit) as tree:
                print(f"  {run(tree, Job(lacking, csv, before)):.0f} s", flush=True)
        print(f"after: {_git('rev-parse', '--short=12', options.after) if options.after else ROOT}", flush=True)
        with checked_out(options.after) as tree:
            print(f"  {run(tree, Job(tables, csv, after)):.0f} s", flush=True)
            if options.saved:
                print(f"  {run(tree, Job(tables, csv, after), before):.0f} s to load and predict", flush=True)
        print(f"models: {', '.join(sorted(set().union(*(models_of(before / name) for name in tables))))}")
        are_same = [tell(name, compare(before / name, after / name)) for name in tables]
    print(f"{sum(are_same)} of {len(tables)} tables are the same")
    sys.exit(0 if all(are_same) else 1)


if __name__ == "__main__":
    main()
