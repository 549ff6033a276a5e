"""Checks that take too long beside others."""

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if item.name.endswith("[bert-check_seconds_left_is_honoured]"):  # known to overrun: 3 s for 0.5 s
            item.add_marker(pytest.mark.long)
