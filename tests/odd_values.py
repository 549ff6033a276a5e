"""Values and columns as people have them, far from plain: what drivers, files and other libraries hand over."""

import datetime
import decimal
import enum
import fractions
import ipaddress
import math
import pathlib
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa

Colour = enum.Enum("Colour", "red blue")


class Unwritable:
    """An object that raises an error of its own when it is written, or hashed."""

    def __str__(self):
        raise RuntimeError("cannot be written")

    def __hash__(self):
        raise RuntimeError("cannot be hashed")

    __repr__ = __str__


ODD_CELLS = {
    "half a character": "a\ud800",
    "a NUL": "a\x00b",
    "no text": "",
    "spaces": "  ",
    "a very long text": "x" * 50_000,
    "500 digits": "9" * 500,
    "nan as text": "nan",
    "inf as text": "inf",
    "an underscore": "1_000",
    "full-width digits": "\uff11\uff12",
    "bytes": b"ab",
    "bytes that are no text": b"\xff\xfe",
    "infinity": math.inf,
    "beyond float32": 1e300,
    "a denormal": 5e-324,
    "a whole number of 401 digits": 10**400,
    "a whole number that Python refuses to write": 10**5000,
    "beyond 64 bits": 2**64,
    "a Decimal of 401 digits": decimal.Decimal(10) ** 400,
    "a signalling NaN": decimal.Decimal("sNaN"),
    "a complex number": 1 + 2j,
    "a truth value": True,
    "None": None,
    "NA": pd.NA,
    "NaT": pd.NaT,
    "a masked value": np.ma.masked,
    "a list": [1, 2],
    "a dict": {"a": 1},
    "a set": {1},
    "an array": np.array([1.0, 2.0]),
    "an array of no dimension": np.array(1.5),
    "a long double": np.longdouble(1.5),
    "a float16": np.float16(1.5),
    "an object": object(),
    "a Series": pd.Series([1, 2]),
    "the last date": datetime.date(9999, 12, 31),
    "the first date": datetime.datetime(1, 1, 1),
    "a date of NumPy that no other has": np.datetime64("200000-01-01"),
    "a stamp with a zone": pd.Timestamp("2020-03-04", tz="Asia/Tokyo"),
    "a date that is none": "2020-13-45",
    "a time": datetime.time(3, 4),
    "a duration": datetime.timedelta(days=3),
    "the longest duration": datetime.timedelta.max,
    "a duration of NumPy": np.timedelta64(3, "D"),
    "a period": pd.Period("2020-03"),
    "a fraction": fractions.Fraction(1, 3),
    "an object that cannot be written": Unwritable(),
}
N_ROWS = 60
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=N_ROWS)
DAYS = [datetime.date(2020, 1, 1) + datetime.timedelta(int(each)) for each in RNG.integers(0, 900, N_ROWS)]


def of_arrow(values, kind=None):
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(values, kind)])))


def objects(values):
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = value
    return pd.Series(made, dtype=object)


def in_turn(*values):
    return objects([values[place % len(values)] for place in range(N_ROWS)])


NUMERIC = {
    "numbers in a large string": lambda: of_arrow([f"{each:.6f}" for each in NUMBERS], pa.large_string()),
    "numbers in a string view": lambda: of_arrow([f"{each:.6f}" for each in NUMBERS], pa.string_view()),
    "numbers in text objects": lambda: objects([f"{each:.6f}" for each in NUMBERS]),
    "numbers in bytes": lambda: objects([f"{each:.6f}".encode() for each in NUMBERS]),
    "numbers in a dictionary": lambda: of_arrow([f"{each:.6f}" for each in NUMBERS]).astype(object),
    "big-endian": lambda: pd.Series(NUMBERS.astype(">f8")),
    "a long double": lambda: pd.Series(NUMBERS.astype(np.longdouble)),
    "arrays of no dimension": lambda: objects([np.array(each) for each in NUMBERS]),
    "Arrow scalars": lambda: objects([pa.scalar(each) for each in NUMBERS]),
    "complex without an imaginary part": lambda: pd.Series(NUMBERS.astype(complex)),
    "complex objects without one": lambda: objects([complex(each) for each in NUMBERS]),
    "fractions": lambda: objects([fractions.Fraction(each) for each in NUMBERS]),
    "decimals": lambda: of_arrow(
        [decimal.Decimal(f"{each:.6f}") for each in NUMBERS], pa.decimal128(12, 6)
    ),
    "decimals beside floats": lambda: objects(
        [decimal.Decimal(f"{each:.6f}") if each > 0 else float(each) for each in NUMBERS]
    ),
    "sparse": lambda: pd.Series(pd.arrays.SparseArray(NUMBERS)),
    "long doubles as objects": lambda: objects([np.longdouble(each) for each in NUMBERS]),
}  # fmt: skip
"""The same numbers, NUMBERS, kept in many ways."""
WORDS = {
    "text in a dictionary": lambda: of_arrow(["u", "v"] * 30).astype(
        pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    ),
    "text in a string view": lambda: of_arrow(["u", "v"] * 30, pa.string_view()),
    "binary": lambda: of_arrow([b"u", b"v"] * 30, pa.binary()),
    "bytes": lambda: in_turn(b"u", b"v"),
    "bytes of NumPy": lambda: pd.Series(np.array([b"u", b"v"] * 30)),
    "text of NumPy as objects": lambda: in_turn(np.str_("u"), np.str_("v")),
    "categories of bytes": lambda: pd.Series(pd.Categorical([b"u", b"v"] * 30)),
    "text subclasses": lambda: in_turn(type("Text", (str,), {"__str__": lambda _: "?"})("u"), "v"),
}
"""The words u and v, kept in many ways."""
TAKEN = {
    "half a character": lambda: in_turn("a\ud800", "b", "c"),
    "half a character in sentences": lambda: objects([f"word {i} and \ud83d of {i % 7}" for i in range(N_ROWS)]),
    "half a character in a category": lambda: pd.Series(pd.Categorical(in_turn("a\ud800", "b", "c"))),
    "big-endian dates": lambda: pd.Series(np.array(DAYS, dtype="M8[s]").astype(">M8[s]")),
    "big-endian whole numbers": lambda: pd.Series(np.arange(N_ROWS)[::-1].astype(">i4")),
    "days of Arrow": lambda: of_arrow(DAYS, pa.date32()),
    "days of Arrow in 64 bits": lambda: of_arrow(DAYS, pa.date64()),
    "times of Arrow": lambda: of_arrow([datetime.time(i % 24) for i in range(N_ROWS)], pa.time64("us")),
    "durations of Arrow": lambda: of_arrow(RNG.integers(0, 9999, N_ROWS), pa.duration("s")),
    "stamps of Arrow": lambda: of_arrow([pd.Timestamp(each) for each in DAYS], pa.timestamp("us", "Europe/Oslo")),
    "whole numbers of Arrow with gaps": lambda: of_arrow([2**60 + i if i % 3 else None for i in range(N_ROWS)]),
    "truth of Arrow with gaps": lambda: of_arrow([None if i % 3 else i % 2 == 0 for i in range(N_ROWS)]),
    "half floats of Arrow": lambda: of_arrow(NUMBERS.astype("f2"), pa.float16()),
    "beyond 2**53": lambda: pd.Series(2**63 + np.arange(N_ROWS, dtype=np.uint64)[::-1]),
    "whole numbers of 401 digits": lambda: in_turn(1, 10**400, 3),
    "masked objects": lambda: in_turn(1.0, np.ma.masked, 3.0),
    "enumerations": lambda: in_turn(*Colour),
    "UUIDs": lambda: objects([uuid.UUID(int=i % 5) for i in range(N_ROWS)]),
    "addresses": lambda: objects([ipaddress.ip_address(i % 5) for i in range(N_ROWS)]),
    "paths": lambda: objects([pathlib.Path(f"a{i % 5}") for i in range(N_ROWS)]),
    "dates of NumPy as objects": lambda: objects([np.datetime64("2020-01-01") + i for i in range(N_ROWS)]),
    "long texts": lambda: in_turn("a" * 50_000, "b"),
}
NESTED = {
    "lists of Arrow": lambda: of_arrow([[1.0]] * N_ROWS, pa.list_(pa.float64())),
    "structs of Arrow": lambda: of_arrow([{"a": 1}] * N_ROWS),
    "maps of Arrow": lambda: of_arrow([[("a", 1)]] * N_ROWS, pa.map_(pa.string(), pa.int64())),
    "sets": lambda: in_turn({1}, {2}),
    "one list among numbers": lambda: objects([*NUMBERS[:-1], [1]]),
    "one dict among words": lambda: objects([*["a", "b"] * 29, "a", {}]),
    "complex numbers": lambda: pd.Series(NUMBERS + 1j),
    "objects": lambda: objects([object() for _ in range(N_ROWS)]),
    "decimals with an infinite one": lambda: in_turn(decimal.Decimal("Infinity"), decimal.Decimal(1)),
}
"""What no column can be made of: refused by name."""
