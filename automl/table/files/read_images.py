"""Read image columns: each image once, into one memory-mapped array for a column; what cannot be read is counted."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.machine.find_modules import is_installed
from automl.machine.quiet_warnings import quiet_warnings
from automl.table.files.decode_image import UnreadableImage, image_size, is_image, is_missing, read_image
from automl.table.placed_cells import placed_hashes
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Stopwatch
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings

IMAGE_FILE = re.compile(r".+\.(jpe?g|png|bmp|gif|webp|tiff?)", re.IGNORECASE)
SIDES = (32, 48, 64, 96, 128, 160, 224)
"""Sides that images may be stored with: the least that is no smaller than the shorter side of most of them."""
MOST_MEGABYTES = 2048.0
"""Of all images of a column together, as they are stored."""
MUCH_LOST = 0.05
"""Share of images that cannot be used from which a column deserves a warning."""
SAMPLE_IMAGES = 40
MOST_OPENED = 400
READING_SHARE = 0.3
"""Share of the time limit after which no further image is read."""
INSTALL = "pip install 'ensemble-automl[image]'"
NOT_IN_TIME = "not read for lack of time"


@dataclass(slots=True)
class ImageReader:
    """Reads image columns, `threads` images at a time.

    With a `folder` the pixels go to one file for each column, which is then memory-mapped; `files` names them. After
    `ends` (monotonic seconds) no further image is read. `faults` and `traits` count, by column, what could not be read
    and what was turned into RGB.
    """

    threads: int = 1
    folder: Path | None = None
    ends: float = math.inf
    files: dict[str, Path] = field(default_factory=dict)
    faults: dict[str, Counter[str]] = field(default_factory=dict)
    traits: dict[str, Counter[str]] = field(default_factory=dict)
    rows: int = 0

    def read(self, values: pd.Series, column: Column) -> Array:
        """Return an object array of `(side, side, 3)` uint8 arrays, None for what is missing or cannot be read."""
        given = list(values.array)
        self.rows = len(given)
        pixels = self._room(len(given), column)
        faults: Counter[str] = Counter()
        traits: Counter[str] = Counter()
        first: dict[str, int] = {}
        copies = [first.setdefault(str(v), i) if isinstance(v, str | Path) else i for i, v in enumerate(given)]
        wanted = [i for i, value in enumerate(given) if not is_missing(value)]
        known = np.zeros(len(given), dtype=bool)
        todo = [i for i in wanted if copies[i] == i]
        causes = dict(zip(todo, self._read_all([given[i] for i in todo], pixels, todo), strict=True))
        for i in wanted:
            cause, trait = causes[copies[i]]
            known[i] = not cause
            faults.update([cause] if cause else [])
            traits.update([trait] if trait else [])
            if known[i] and copies[i] != i:
                pixels[i] = pixels[copies[i]]
        self.faults[column.name], self.traits[column.name] = faults, traits
        return _cells(self._kept(pixels, column), known)

    def _read_all(self, given: list[Any], pixels: Array, places: list[int]) -> list[tuple[str, str]]:
        read = partial(_read_into, pixels, self.ends)
        # Of a search a file's oddities are counted, not printed; predicting leaves the process's warnings alone.
        with nullcontext() if self.folder is None else quiet_warnings():
            if self.threads <= 1 or len(given) < 16:
                return list(map(read, places, given))
            with ThreadPoolExecutor(self.threads) as pool:
                return list(pool.map(read, places, given))

    def _room(self, n_rows: int, column: Column) -> Array:
        shape = (n_rows, column.side, column.side, 3)
        if self.folder is None or not n_rows:
            return np.zeros(shape, dtype=np.uint8)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"images_{len(self.files)}.npy"
        self.files[column.name] = path
        return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)

    def _kept(self, pixels: Array, column: Column) -> Array:
        if column.name not in self.files or not isinstance(pixels, np.memmap):
            return pixels
        pixels.flush()
        return np.asarray(np.load(self.files[column.name], mmap_mode="r"))


def image_reader(settings: SearchSettings, stopwatch: Stopwatch, folder: Path) -> ImageReader:
    """Return how the images of a search are read: with all cores, in no more than a part of the time limit."""
    ends = math.inf if settings.time_limit is None else stopwatch.started + READING_SHARE * settings.time_limit
    return ImageReader(settings.n_jobs, folder, ends)


def map_images(path: Path, known: Array) -> Array:
    """Return the images of a file as an object array of arrays that are read when they are looked at."""
    return _cells(np.load(path, mmap_mode="r"), known)


def image_hashes(values: Array) -> Array:
    """Return a uint64 for each image of an object array, equal for equal pixels; 0 for a missing one."""
    found = np.zeros(len(values), dtype=np.uint64)
    for i, value in enumerate(values):
        if value is not None:
            found[i] = int.from_bytes(blake2b(np.asarray(value).tobytes(), digest_size=8).digest(), "little")
    return found


def hashable(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return stored columns with the hashes of images, and of rows among those of their groups, in their place."""
    by_kind = {ColumnKind.IMAGE: image_hashes, ColumnKind.SEQUENCE: placed_hashes}
    chosen = [column for column in columns if column.kind in by_kind and column.name in frame.columns]
    hashes = {column.name: by_kind[column.kind](frame[column.name].to_numpy()) for column in chosen}
    return frame.assign(**hashes) if hashes else frame


def hold_images(known: pd.Series) -> bool:
    """Tell whether the known values of a column are images themselves, rather than their paths."""
    first = known.iloc[0] if len(known) else None
    return is_image(first) and all(is_image(value) or isinstance(value, str | Path) for value in known.head(50))


def seem_images(values: pd.Series) -> bool:
    """Tell from a few values whether a column may hold images or their paths."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return False
    known = [value for value in values.head(SAMPLE_IMAGES).array if not is_missing(value)]
    return bool(known) and all(is_image(v) or IMAGE_FILE.fullmatch(str(v)) is not None for v in known)


def names_images(texts: pd.Series) -> Array:
    """Tell of each text whether it could be the path of an image."""
    return np.array([IMAGE_FILE.fullmatch(text) is not None for text in texts], dtype=bool)


def with_images_beside(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Complete the relative paths of images that lie beside the table's file rather than in the working folder."""
    return completed(frame, folder, lying_beside(frame, folder))


def lying_beside(frame: pd.DataFrame, folder: Path) -> tuple[str, ...]:
    """Return the columns of relative paths of images that lie in a folder rather than in the working folder."""
    found = []
    for name in frame.columns:
        known = frame[name].dropna()
        if not len(known) or not isinstance(known.iloc[0], str) or not IMAGE_FILE.fullmatch(known.iloc[0]):
            continue
        tried = known.head(SAMPLE_IMAGES)
        if not any(Path(str(each)).exists() for each in tried) and any((folder / str(e)).exists() for e in tried):
            found.append(str(name))
    return tuple(found)


def completed(frame: pd.DataFrame, folder: Path, names: Iterable[str]) -> pd.DataFrame:
    """Return a frame whose columns of such names hold paths in a folder."""
    found = {
        name: [str(folder / each) if isinstance(each, str) else each for each in frame[name]]
        for name in names
        if name in frame.columns
    }
    return frame.assign(**found) if found else frame


def image_findings(reader: ImageReader, schema: Schema) -> tuple[Finding, ...]:
    """Return what is worth telling of the images that were read."""
    found = []
    for column in schema.of_kind(ColumnKind.IMAGE):
        faults, traits = reader.faults.get(column.name, Counter()), reader.traits.get(column.name, Counter())
        if faults:
            share = faults.total() / max(1, reader.rows)
            found.append(
                Finding(
                    Severity.WARNING if share > MUCH_LOST else Severity.NOTE,
                    "unreadable",
                    column.name,
                    f"{faults.total()} of {reader.rows} images cannot be used: {_listed(faults)}",
                    "they count as missing",
                    "Check the paths and files; relative paths start from the working folder.",
                )
            )
        if traits:
            told = f"{traits.total()} images are of another form: {_listed(traits)}"
            found.append(Finding(Severity.NOTE, "images", column.name, told, "turned into red, green and blue"))
    return tuple(found)


def _listed(counts: Counter[str]) -> str:
    return "; ".join(f"{count} {cause}" for cause, count in counts.most_common())


def describe_images(known: pd.Series) -> tuple[int, str]:
    """Return the side to store images with, and 0 with the reason where none can be read."""
    if not is_installed("PIL"):
        return 0, f"holds images, and Pillow is not installed; run: {INSTALL}"
    sides, cause = [], ""
    order = np.random.default_rng(0).permutation(len(known))[:MOST_OPENED]
    with quiet_warnings():
        for place in order:
            try:
                sides.append(min(image_size(known.iloc[int(place)])))
            except UnreadableImage as error:
                cause = str(error)
            if len(sides) == SAMPLE_IMAGES:
                break
    if not sides:
        return 0, f"names images of which none can be used ({cause}); relative paths start from {Path.cwd()}"
    wanted = next((side for side in SIDES if side >= np.median(sides)), SIDES[-1])
    fitting = [side for side in SIDES if len(known) * side**2 * 3 / 2**20 <= MOST_MEGABYTES]
    return min(wanted, fitting[-1] if fitting else SIDES[0]), ""


def _cells(pixels: Array, known: Array) -> Array:
    cells = np.full(len(known), None, dtype=object)
    for i in np.flatnonzero(known):
        cells[i] = pixels[i]
    return cells


def _read_into(pixels: Array, ends: float, place: int, value: Any) -> tuple[str, str]:
    """Read one image into its place; return why it could not be read, or "", and what about it was changed."""
    if time.monotonic() > ends:
        return NOT_IN_TIME, ""
    try:
        pixels[place], trait = read_image(value, pixels.shape[1])
    except UnreadableImage as error:
        return str(error), ""
    return "", trait
