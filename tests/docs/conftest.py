"""The short form of searches, for every test here."""

from tests.docs.quick import quick_folder

__all__ = ["quick_folder"]
