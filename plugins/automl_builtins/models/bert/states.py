"""States of frozen layers: computed once for all fits of a search, by all workers together, and kept in files."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil

from automl.plugin_api import Array

CHUNK = 64
"""Texts of a file."""
WAIT = 0.02
STALE = 120.0
"""Seconds after which a worker that has announced a file, and is still there, is not waited for any longer."""

Make = Callable[[Sequence[Array]], list[Array]]
_LAST: dict[str, list[Array]] = {}
"""The states of the texts that were looked at last: the models of other folds will ask for the same."""
MOST_MEGABYTES = 600.0
"""Of all that is kept there, beside what came last."""
_LOCK = threading.Lock()


def shared_states(tokens: Sequence[Array], key: str, make: Make, folder: Path, *, pooled: bool = False) -> list[Array]:
    """Return the states of each text, `(n_tokens, width)` float16, or where they are pooled their mean, memory-mapped.

    `make` computes them; `key` names the layers. A file is named by what is in it, so that fits of any rows may use it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = [tokens[start : start + CHUNK] for start in range(0, len(tokens), CHUNK)]
    paths = [folder / f"{_name(key, part)}.npy" for part in parts]
    waiting = [i for i, path in enumerate(paths) if not _made(path, parts[i], make)]
    for i in waiting:  # others are at them
        _wait_for(paths[i], parts[i], make)
    return [state for part, path in zip(parts, paths, strict=True) for state in _read(path, part, pooled)]


def remembered_states(tokens: Sequence[Array], key: str, make: Make) -> list[Array]:
    """Return the states of each text; those of the same texts and layers are kept until others are asked for."""
    name = _name(key, tokens)
    with _LOCK:
        if name not in _LAST:
            _keep(name, make(tokens))
        return _LAST[name]


def remember(tokens: Sequence[Array], key: str, states: list[Array]) -> None:
    """Keep states that will be asked for next."""
    with _LOCK:
        _keep(_name(key, tokens), states)


def _keep(name: str, states: list[Array]) -> None:
    """Keep states, and those before them as far as memory allows."""
    _LAST.pop(name, None)
    _LAST[name] = states
    megabytes = {name: sum(each.nbytes for each in kept) / 2**20 for name, kept in _LAST.items()}
    while len(_LAST) > 1 and sum(megabytes[each] for each in _LAST) > MOST_MEGABYTES:
        del _LAST[next(iter(_LAST))]


def agreed(folder: Path | None, name: str, decide: Callable[[], int]) -> int:
    """Return what the first fit of the search has decided, so that all others do the same."""
    if folder is None:
        return decide()
    path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"
    if not path.exists():
        _write(path, json.dumps(decide()).encode())
    return int(json.loads(path.read_bytes()))


def _name(key: str, part: Sequence[Array]) -> str:
    made = hashlib.sha256(key.encode())
    for row in part:
        made.update(len(row).to_bytes(4, "little") + row.tobytes())
    return made.hexdigest()[:32]


def _made(path: Path, part: Sequence[Array], make: Make) -> bool:
    """Make a file that is not there; return False where another worker is at it."""
    if path.exists():
        return True
    claim = path.with_suffix(".claim")
    try:
        with claim.open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return False
    try:
        _fill(path, part, make)
    finally:  # where there was no time for it others are not to wait
        claim.unlink(missing_ok=True)
    return True


def _wait_for(path: Path, part: Sequence[Array], make: Make) -> None:
    until = time.monotonic() + STALE
    while not path.exists():
        if time.monotonic() > until or not _is_claimed(path.with_suffix(".claim")):
            _fill(path, part, make)
            return
        time.sleep(WAIT)


def _is_claimed(claim: Path) -> bool:
    """Tell whether the worker that has announced a file is still there."""
    try:
        text = claim.read_text()
    except OSError:
        return False
    return not text or psutil.pid_exists(int(text))


def _fill(path: Path, part: Sequence[Array], make: Make) -> None:
    if not path.exists():
        states = make(part)
        with _temporary(path).open("wb") as file:
            np.save(file, np.concatenate(states))
        _temporary(path).replace(path)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _temporary(path).write_bytes(data)
    try:
        os.link(_temporary(path), path)  # where another was first, its file stays
    except FileExistsError:
        pass
    finally:
        _temporary(path).unlink()


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.getpid()}")


def _read(path: Path, part: Sequence[Array], pooled: bool) -> list[Array]:
    whole = np.load(path, mmap_mode="r")
    ends = np.cumsum([1 if pooled else len(row) for row in part])
    return [np.asarray(each) for each in np.split(whole, ends[:-1])]
