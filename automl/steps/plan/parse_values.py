"""Parse values: from one option as users type it to what a search takes, or one clear error.

The command line reads the table of options, which names these functions, so what is heavy is imported inside them.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

from automl.errors import OptionError

if TYPE_CHECKING:
    from automl.vocabulary.schema import ColumnKind

UNITS = {
    "": 1.0, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0, "mins": 60.0,
    "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86_400.0,
    "day": 86_400.0, "days": 86_400.0,
}  # fmt: skip
SIZES = {"": 1024.0, "mb": 1.0, "gb": 1024.0, "tb": 1024.0 * 1024.0, "kb": 1.0 / 1024.0, "m": 1.0, "g": 1024.0}
MOST_LEVELS = 99
"""Quantiles of one search."""
MEMORY_SHARE = 0.8
"""Share of the free memory that a search may use, beside what is in use already, when nothing was said."""


def parse_seconds(value: Any) -> float | None:
    """Return seconds from a number or a text such as "90", "90s", "10m", "1.5h", "1h 30m"; None stays None."""
    if value is None:
        return None
    seconds: Any = _seconds_of_text(value) if isinstance(value, str) else value
    seconds = seconds.total_seconds() if hasattr(seconds, "total_seconds") else seconds
    if isinstance(seconds, bool) or not isinstance(seconds, Real) or not 0.0 < float(seconds) < math.inf:
        raise OptionError(
            f"Found time_limit={value!r}; expected seconds above 0, a text such as '90s', '10m' or '1h', or None."
        )
    return float(seconds)


def parse_memory(value: Any) -> float:
    """Return megabytes from a text such as "8GB" or "500MB", or from a number of gigabytes; None takes what is free.

    What this process has already taken, such as the table, is under the limit too, so it is added to what is free.
    """
    if value is None:
        from automl.machine.free_memory import free_memory_mb
        from automl.plugin_api.process_memory import used_mb

        return MEMORY_SHARE * free_memory_mb() + used_mb([os.getpid()])
    match = re.fullmatch(r"\s*(\d+\.?\d*)\s*([a-z]*)\s*", str(value).lower().replace("ib", "b"))
    if match is None or match[2] not in SIZES or float(match[1]) <= 0 or isinstance(value, bool):
        raise OptionError(f"Found memory_limit={value!r}; expected a text such as '8GB' or '500MB', or gigabytes.")
    return float(match[1]) * SIZES[match[2]]


def parse_row_seconds(value: Any) -> float | None:
    """Return the seconds that predicting a row may take; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 < float(value) < math.inf:
        raise OptionError(f"Found predict_time_limit={value!r}; expected seconds a row, such as 0.0005, or None.")
    return float(value)


def parse_truth(value: Any, name: str) -> bool | None:
    """Return True or False; None stays None."""
    import numpy as np

    if value is None:
        return None
    if not isinstance(value, bool | np.bool_):
        raise OptionError(f"Found {name}={value!r}; expected True or False.")
    return bool(value)


def parse_task(value: Any) -> str | None:
    """Return the name of a task; None where it is to be found."""
    from automl.steps.plan.infer_task import AUTO

    if value is not None and not isinstance(value, str):
        raise OptionError(f"Found task={value!r}; expected a name as text, such as 'classification' or 'regression'.")
    return None if value in (None, AUTO) else value


PERCENT = 100.0


def parse_levels(value: Any) -> tuple[float, ...] | None:
    """Return the levels of quantiles, rising; None stays None. Each lies above 0 and below 1 and is asked for once."""
    if value is None:
        return None
    several = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    try:
        found = [float(each) for each in several if not isinstance(each, bool)]
    except (TypeError, ValueError):
        found = []
    if found and len(found) == len(several) and 1.0 < max(found) < PERCENT and all(each > 0.0 for each in found):
        shares = [each / PERCENT for each in found]
        raise OptionError(
            f"Found quantiles={value!r}; expected shares above 0 and below 1. If these are percents, pass {shares}."
        )
    if not found or len(found) < len(several) or not all(0.0 < each < 1.0 for each in found):
        raise OptionError(
            f"Found quantiles={value!r}; expected numbers above 0 and below 1, such as [0.05, 0.5, 0.95]. Levels of 0 "
            f"and 1 cannot be learnt: the least and the greatest value that there may ever be are in no table."
        )
    twice = sorted({each for each in found if found.count(each) > 1})
    if twice:
        raise OptionError(
            f"Found quantiles={value!r}, with {twice[0]:g} twice; expected each level once. Leave one out."
        )
    if len(found) > MOST_LEVELS:
        raise OptionError(f"Found {len(found)} quantiles; expected {MOST_LEVELS} at most. Leave some out.")
    if found != sorted(found):
        raise OptionError(
            f"Found quantiles={value!r}; expected them in rising order, as the columns of predictions are. Pass "
            f"{sorted(found)}."
        )
    return tuple(found)


def parse_text(value: Any, name: str, example: str) -> str:
    """Return a name that is text."""
    if not isinstance(value, str):
        raise OptionError(f"Found {name}={value!r}; expected a name as text, such as {example!r}.")
    return value


def parse_count(value: Any, name: str) -> int | None:
    """Return a whole number of at least 1; None stays None."""
    if value is not None and (isinstance(value, bool) or not _is_whole(value) or value < 1):
        raise OptionError(f"Found {name}={value!r}; expected a whole number of at least 1, or None.")
    return None if value is None else int(value)


def parse_cv(value: Any) -> Any:
    """Refuse what can be no resampling; what fits the table is checked against it later."""
    import numpy as np

    if isinstance(value, np.ndarray):  # index pairs of equal lengths, put in one array
        value = list(value) if value.ndim else value.item()
    if value is None or (hasattr(value, "split") and not isinstance(value, str)):
        return value
    count = _is_whole(value) and not isinstance(value, bool)
    if (count and value >= 2) or (not count and isinstance(value, Iterable) and not isinstance(value, str | bytes)):
        return value
    raise OptionError(
        f"Found cv={value!r}; expected a number of folds of at least 2, a scikit-learn splitter, a list of "
        f"(train, valid) index pairs, or None."
    )


def parse_verbose(value: Any) -> int:
    """Return how much is shown."""
    if not _is_whole(value):
        raise OptionError(f"Found verbose={value!r}; expected 0 (silent), 1 (progress) or 2 (each fold).")
    return int(value)


def parse_path(value: Any) -> str | None:
    """Return the path of a folder, which may be a new one; None stays None."""
    from automl.vocabulary.places import place_of

    if value is None:
        return None
    if not isinstance(value, str | os.PathLike):
        raise OptionError(f"Found path={value!r}; expected the path of a folder, or None.")
    place = place_of(os.fspath(value))
    if place.exists() and not place.is_dir():
        raise OptionError(f"Found path={str(value)!r}, which is a file; expected a folder, which may be a new one.")
    return str(place)


def parse_jobs(value: Any) -> int:
    """Return a positive number of cores; None and -1 mean all that this process may use, -2 all but one."""
    from joblib import cpu_count  # as loky counts, which may be missing where a model only predicts

    cores = int(cpu_count())
    if value is None:
        return cores
    if isinstance(value, bool) or not _is_whole(value) or value == 0:
        raise OptionError(f"Found n_jobs={value!r}; expected a number of cores, or -1 for all of them.")
    return int(value) if value > 0 else max(1, cores + 1 + int(value))


def _seconds_of_text(value: str) -> float | None:
    text = value.strip().lower()
    parts = re.findall(r"(\d+\.?\d*)\s*([a-z]*)", text)
    if not parts or re.sub(r"(\d+\.?\d*)\s*([a-z]*)\s*", "", text) or any(unit not in UNITS for _, unit in parts):
        return None
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def parse_names(value: Any, name: str, example: Iterable[str]) -> tuple[str, ...] | None:
    """Return names: one, or several; None stays None."""
    if value is None:
        return None
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (value,)
    if not all(isinstance(each, str) for each in names):
        raise OptionError(f"Found {name}={value!r}; expected names, such as {example}.")
    return names


def parse_dates(value: Any) -> dict[str, str]:
    """Return the format of each column's dates, that of all others under ""."""
    from automl.table.readings.find_readings import NOT_DATES
    from automl.table.readings.read_dates import ISO, NUMBER_FORMATS, ORDERS

    asked = _by_column(value, "dates", {"billed": "dmy"})
    for name, wanted in asked.items():
        known = (*ORDERS, NOT_DATES) if name == "" else (*ORDERS, *NUMBER_FORMATS, ISO, NOT_DATES)
        if wanted not in known and (name == "" or "%" not in wanted):
            raise OptionError(
                f"Found dates={value!r}; expected one of {', '.join(known)}"
                + (", or a format such as '%d.%m.%y' for each column by its name." if name == "" else ", or a format.")
            )
    return asked


def parse_decimal(value: Any) -> dict[str, str]:
    """Return the decimal sign of each column's numbers, that of all others under ""."""
    asked = _by_column(value, "decimal", {"price": ","})
    if not set(asked.values()) <= {",", "."}:
        raise OptionError(f"Found decimal={value!r}; expected ',' or '.', or one of them for each column by its name.")
    return asked


def _by_column(value: Any, option: str, example: Mapping[str, str]) -> dict[str, str]:
    """Return what was said of each column, and under "" what was said of all."""
    from automl.table.take_table import column_name

    if value is None:
        return {}
    asked: dict[Any, Any] = dict(value) if isinstance(value, Mapping) else {"": value}
    if not all(isinstance(each, str) for each in asked.values()):
        told = next(iter(example.values()))
        raise OptionError(f"Found {option}={value!r}; expected a text such as {told!r}, or {example} by column.")
    return {column_name(name): each for name, each in asked.items()}


def parse_kinds(value: Any) -> tuple[tuple[str, ColumnKind], ...]:
    """Return the kind of each column that one was given for."""
    from automl.table.take_table import column_name
    from automl.vocabulary.schema import ColumnKind

    if value is None:
        return ()
    try:
        return tuple((column_name(name), ColumnKind(kind)) for name, kind in value.items())
    except (AttributeError, ValueError):
        raise OptionError(
            f"Found columns={value!r}; expected the kind of each column by its name, such as {{'zip': 'categorical'}}. "
            f"Kinds: {', '.join(kind.value for kind in ColumnKind)}."
        ) from None


def parse_label_texts(value: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
    """Return each label with the texts that describe it; a label without one is refused."""
    if value is None:
        return ()
    example = "{'refund': 'I want my money back', 'fees': ['why was I charged', 'a fee I do not know']}"
    if not isinstance(value, Mapping):
        raise OptionError(f"Found label_texts={value!r}; expected a text, or several, for each label, as {example}.")
    found: list[tuple[Any, tuple[str, ...]]] = []
    owners: dict[str, Any] = {}
    for label, given in value.items():
        several = isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping)
        texts = tuple(given) if several else (given,)
        if not texts or not all(isinstance(each, str) and each.strip() for each in texts):
            raise OptionError(
                f"Found label_texts with {given!r} for the label {label!r}; expected a text that says what it is, or "
                f"several, none of them empty, as {example}."
            )
        for text in texts:
            if owners.setdefault(text, label) != label:
                raise OptionError(
                    f"Found label_texts with the text {text!r} for both {owners[text]!r} and {label!r}; expected texts "
                    f"that tell the labels apart. Leave it out of one, or say more."
                )
        found.append((label, texts))
    return tuple(found)


def parse_seed(value: Any) -> int:
    """Return a seed: 0 for None, a draw from a NumPy generator."""
    if value is None:
        return 0
    if hasattr(value, "randint"):  # a NumPy RandomState, as scikit-learn takes it
        return int(value.randint(2**31 - 1))
    if hasattr(value, "integers"):  # a NumPy Generator
        return int(value.integers(2**31 - 1))
    if isinstance(value, bool) or not _is_whole(value) or value < 0:
        raise OptionError(f"Found random_state={value!r}; expected a whole number of at least 0, or None.")
    return int(value)


def _is_whole(value: Any) -> bool:
    return hasattr(value, "__index__")
