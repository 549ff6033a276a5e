"""What a plugin's author fills in is read: a field that nothing reads would be ignored in silence."""

import ast
import dataclasses

import pytest

from automl.plugin_api import Proposal, Resources, specs
from tests.architecture.sources import ROOT, nodes, sources

FILLED_IN = [
    *(each for name, each in sorted(vars(specs).items()) if name.endswith("Spec")),
    specs.DefaultFor,
    Resources,
    Proposal,
]


MADE_BY_THE_ENGINE = {"lent_by": "for strategies, which go by the model that is lent"}


def read_in_the_engine():
    """The names of attributes that the engine reads, outside of the specs themselves and of the contract kit."""
    found = set()
    for path in sources("automl"):
        if {"specs", "testing"} & set(path.relative_to(ROOT).parts):
            continue
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.add(node.attr)
    return found


READ = read_in_the_engine() | set(MADE_BY_THE_ENGINE)


@pytest.mark.parametrize("record", FILLED_IN, ids=lambda record: record.__name__)
def test_every_field_that_a_plugin_fills_in_is_read_by_the_engine(record):
    assert [each.name for each in dataclasses.fields(record) if each.name not in READ] == []


def test_a_field_that_nothing_reads_would_be_found():
    assert "surely_unread" not in READ
    assert "build" in READ
