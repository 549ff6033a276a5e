"""Store the dataset: written once to files that every worker maps into memory, so that a job carries no data."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.table.columns.encode_table import join_blocks
from automl.table.files.read_images import hashable, map_images
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.schema import ColumnKind

HEADER, TARGET, WEIGHTS, GROUPS = "header.pkl", "target.npy", "weights.npy", "groups.npy"


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """The files of a dataset, by name, and the name of them all, which follows from what is in them.

    `fingerprint` is that of the columns, target and weights alone, without the folds.
    """

    name: str
    fingerprint: str
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class OpenedDataset:
    """A stored dataset as a worker sees it: memory-mapped, with its folds."""

    dataset: Dataset
    plan: ResamplingPlan


def store_dataset(
    dataset: Dataset, plan: ResamplingPlan, folder: Path, images: Mapping[str, Path] | None = None
) -> StoredDataset:
    """Write the columns block by block (one file for each dtype), the target, the weights and the folds.

    `images` names the file that each image column was read into, which holds its pixels already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fingerprint = _fingerprint(dataset)
    files: dict[str, Path] = {}
    blocks = []
    in_files = [column.name for column in dataset.schema.of_kind(ColumnKind.IMAGE)]
    for number, (dtype, names) in enumerate(_names_by_dtype(dataset.features.drop(columns=in_files)).items()):
        name = f"block_{number}.npy"
        values = dataset.features[names].to_numpy()
        files[name] = folder / name
        np.save(files[name], values if values.flags.c_contiguous else np.ascontiguousarray(values))
        blocks.append((name, names, dtype))
    for name, array in ((TARGET, dataset.target), (WEIGHTS, dataset.weights), (GROUPS, dataset.groups)):
        if array is not None:
            files[name] = folder / name
            np.save(files[name], array)
    pixels = {name: (f"image_{number}.npy", (images or {})[name]) for number, name in enumerate(in_files)}
    files.update(pixels.values())
    header = {
        "blocks": blocks,
        "images": [(name, pixels[name][0], dataset.features[name].notna().to_numpy()) for name in in_files],
        "columns": list(dataset.features.columns),
        "schema": dataset.schema,
        "task": dataset.task,
        "plan": plan,
        "n_rows": dataset.n_rows,
        "fingerprint": fingerprint,
    }
    data = pickle.dumps(header, protocol=pickle.HIGHEST_PROTOCOL)
    files[HEADER] = folder / HEADER
    files[HEADER].write_bytes(data)
    return StoredDataset(f"{fingerprint}-{hashlib.sha256(data).hexdigest()[:8]}", fingerprint, files)


def open_dataset(files: Mapping[str, Path]) -> OpenedDataset:
    """Map a stored dataset into memory, read-only, wherever its files lie by now."""
    header: dict[str, Any] = pickle.loads(files[HEADER].read_bytes())
    frames = [_map_block(files[name], names, dtype) for name, names, dtype in header["blocks"]]
    frames += [pd.DataFrame({name: map_images(files[file], known)}) for name, file, known in header["images"]]
    features = join_blocks(frames, header["n_rows"])
    dataset = Dataset(
        features=features[header["columns"]] if len(frames) > 1 else features,
        target=np.load(files[TARGET]),
        schema=header["schema"],
        task=header["task"],
        rows=np.arange(header["n_rows"]),
        weights=_load_if_there(files.get(WEIGHTS)),
        groups=_load_if_there(files.get(GROUPS)),
        fingerprint=header["fingerprint"],
    )
    return OpenedDataset(dataset, header["plan"])


def _map_block(path: Path, names: list[str], dtype: str) -> pd.DataFrame:
    is_object = dtype in ("object", "str")
    values = np.load(path, allow_pickle=is_object, mmap_mode=None if is_object else "r")
    return pd.DataFrame(values, columns=pd.Index(names, dtype=object), copy=False)


def _names_by_dtype(features: pd.DataFrame) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    spelled = {dtype: str(dtype) for dtype in set(features.dtypes)}  # spelling one is slow
    for name, dtype in zip(features.columns, features.dtypes, strict=True):
        names.setdefault(spelled[dtype], []).append(name)
    return names


def _load_if_there(path: Path | None) -> Any:
    return None if path is None else np.load(path)


def _fingerprint(dataset: Dataset) -> str:
    """Return a hash of the content: columns, values, target, weights."""
    digest = hashlib.sha256()
    for part in _parts(dataset):
        digest.update(part)
    return digest.hexdigest()[:16]


def _parts(dataset: Dataset) -> Iterable[bytes]:
    yield repr(dataset.schema).encode()
    features = hashable(dataset.features, dataset.schema.columns)
    for names in _names_by_dtype(features).values():
        values = features[names].to_numpy()
        if values.dtype == object:
            texts = np.empty(values.size, dtype=object)  # one array type would give each text the room of the longest
            texts[:] = [str(value) for value in values.ravel()]
            yield pd.util.hash_array(texts).tobytes()
        else:
            yield np.ascontiguousarray(values).data.cast("B") if values.size else b""  # type: ignore[misc]  # a buffer
    for array in (dataset.target, dataset.weights, dataset.groups):
        if array is not None:
            yield np.ascontiguousarray(array).tobytes()
