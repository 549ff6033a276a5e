"""Tiny competitions: train, test and sample tables with a signal, for tests of the way from files to a submission."""

import numpy as np
import pandas as pd

from automl.competition.nouns import Table, Tables


def parts(n_train=90, n_test=30, seed=0):
    """Features with an id of train and test rows, and the signal behind the target of both."""
    rng = np.random.default_rng(seed)
    n_rows = n_train + n_test
    frame = pd.DataFrame(
        {
            "id": np.arange(1, n_rows + 1),
            "light": rng.normal(size=n_rows).round(3),
            "soil": rng.choice(["clay", "sand"], n_rows),
        }
    )
    signal = frame["light"] + (frame["soil"] == "clay") + 0.3 * rng.normal(size=n_rows)
    return frame.iloc[:n_train], frame.iloc[n_train:].reset_index(drop=True), signal


def binary(labels=(0, 1), sample=None, **sizes):
    """A competition of two classes called `alive`; the sample holds `sample` in each row, labels by default."""
    train, test, signal = parts(**sizes)
    alive = np.asarray(labels, dtype=object if isinstance(labels[0], str) else None)[(signal > 0.5).astype(int)]
    values = np.asarray(labels)[np.arange(len(test)) % 2] if sample is None else sample
    return train.assign(alive=alive[: len(train)]), test, pd.DataFrame({"id": test["id"], "alive": values})


def numbers(**sizes):
    """A competition of a number called `yield`."""
    train, test, signal = parts(**sizes)
    train = train.assign(**{"yield": np.exp(signal[: len(train)]).round(3)})
    return train, test, pd.DataFrame({"id": test["id"], "yield": 1.0})


def classes(sample="columns", **sizes):
    """A competition of three classes called `kind`, with a column each in the sample, or with labels."""
    train, test, signal = parts(**sizes)
    kind = pd.qcut(signal, 3, labels=["fern", "moss", "tree"]).astype(str).to_numpy()
    asked = {f"kind_{name}": 1 / 3 for name in ("fern", "moss", "tree")} if sample == "columns" else {"kind": "moss"}
    return train.assign(kind=kind[: len(train)]), test, pd.DataFrame({"id": test["id"], **asked})


def as_tables(train, test, sample=None):
    """The frames as the steps take them."""
    text = None if sample is None else sample.astype(str)
    return Tables(
        Table("train.csv", train),
        Table("test.csv", test),
        None if sample is None else Table("sample.csv", sample),
        text,
    )


def write(folder, frames, **options):
    """Write frames as train.csv, test.csv and sample.csv; return the paths."""
    paths = [folder / f"{name}.csv" for name in ("train", "test", "sample")]
    for path, frame in zip(paths, frames, strict=True):
        frame.to_csv(path, index=False, **options)
    return paths


def several(kind="labels", sample=None, **sizes):
    """A competition of several targets: two "labels" of 0 and 1, two "values", or one of each beside "classes"."""
    train, test, signal = parts(**sizes)
    part = signal[: len(train)]
    columns = {
        "tall": (part > 0.5).astype(int),
        "wild": (train["light"] > 0).astype(int),
        "height": np.exp(part).round(3),
        "weight": (10 * train["light"]).round(2),
        "kind": pd.qcut(part, 3, labels=["fern", "moss", "tree"]).astype(str),
    }
    names = {"labels": ["tall", "wild"], "values": ["height", "weight"], "all": ["tall", "height", "kind"]}[kind]
    usual = {"tall": 0.5, "wild": 0.5, "height": 1.0, "weight": 0.0, "kind": "fern"}
    asked = {name: usual[name] if sample is None else sample for name in names}
    return train.assign(**{name: columns[name] for name in names}), test, pd.DataFrame({"id": test["id"], **asked})
