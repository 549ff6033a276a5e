"""Classes of made-up plugins, and a round through JSON and blob."""

import json
from collections import namedtuple
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from automl.storage.decode import decode
from automl.storage.encode import encode
from automl.storage.known_classes import KnownClasses

KNOWN = KnownClasses(frozenset({"tests.automl.storage"}))
Pair = namedtuple("Pair", "left right")


class Colour(Enum):
    """An enumeration."""

    RED = 1


@dataclass(frozen=True, slots=True)
class Point:
    """A record with slots."""

    x: float
    label: str = "none"
    tags: list = field(default_factory=list)


@dataclass
class Loose:
    """A record that may get further attributes."""

    x: int


class Plain:
    """An object with attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    """An object with slots."""

    __slots__ = ("left", "right")


class Forgetful:
    """Leaves its cache out, as learners do that keep a library's object."""

    def __init__(self):
        self.text, self.cache = "model", np.square

    def __getstate__(self):
        return {"text": self.text, "cache": None}


class Rebuilt:
    """Sets its state by itself."""

    def __getstate__(self):
        return (1, 2)

    def __setstate__(self, state):
        self.total = sum(state)


class Watcher:
    """Acts when it is dropped."""

    def __del__(self):
        """Do something."""


def around(value, known=KNOWN, shared=(), found=()):
    """Return the value after a round through its stored form."""
    encoded = encode(value, known, dict(shared))
    tree = json.loads(json.dumps(encoded.tree, allow_nan=False))
    return decode(tree, encoded.blob, known, dict(found))
