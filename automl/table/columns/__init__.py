"""Columns of a frame -> typed, stored columns."""
