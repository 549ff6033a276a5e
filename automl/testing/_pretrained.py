"""The contract of pretrained networks, and how models that begin from some are given those that are installed here."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from unittest import SkipTest

from automl.plugin_api import ModelSpec, PretrainedSpec, weights_path
from automl.steps.plan.find_missing import what_is_missing
from automl.steps.plan.offer_weights import offer_weights
from automl.testing._runner import expect
from automl.testing._shared import check_spec_pickles

KINDS = ("text", "image")
"""What the networks see that `transformers` loads; of any other kind are those that one package's models alone read."""


def with_installed_weights(spec: ModelSpec) -> ModelSpec:
    """Return a model with the pretrained networks of installed plugins in the place that it keeps for them."""
    if not spec.pretrained:
        return spec
    from automl.registry import discover

    completed, _ = offer_weights({spec.name: spec}, discover().pretrained.values())
    return completed.get(spec.name, spec)


def check_kind(spec: PretrainedSpec) -> None:
    """There are models that ask for weights of this kind."""
    from automl.registry import discover

    asked = {model.pretrained for model in discover().models.values()} - {"", *KINDS}
    kinds = (*KINDS, *sorted(asked))
    expect(spec.kind in kinds, f"kind is {spec.kind!r}; expected one of {', '.join(kinds)}, which models ask for.")


def check_install(spec: PretrainedSpec) -> None:
    """A user without the package has to be told how to get it."""
    expect(spec.install or not spec.requires, "It requires modules; set `install` to the command that brings them.")
    expect(spec.install or spec.weights, "It has no weights; set `install` to what brings some.")


def check_weights_are_there(spec: PretrainedSpec) -> None:
    """Weights for `transformers` have a description that names the kind of network, and safetensors."""
    if spec.kind not in KINDS:
        raise SkipTest(f"what weights of the kind {spec.kind!r} look like only their models know")
    if reason := what_is_missing(spec) or ("" if spec.weights else "it names no weights yet"):
        raise SkipTest(reason)
    folder = _folder(spec)
    described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    expect("model_type" in described, "config.json has no 'model_type'; expected what save_pretrained writes.")
    found = list(folder.glob("*.safetensors"))
    expect(found, f"Found no *.safetensors in {folder}; expected what save_pretrained writes.")


def check_texts_are_taken_apart(spec: PretrainedSpec) -> None:
    """A network for texts brings its tokenizer."""
    if (
        spec.kind != "text"
        or importlib.util.find_spec("tokenizers") is None
        or not spec.weights
        or what_is_missing(spec)
    ):
        raise SkipTest("it is not for texts, or what it takes to look is not installed")
    from tokenizers import Tokenizer

    path = _folder(spec) / "tokenizer.json"
    expect(path.is_file(), f"Found no {path}; expected what save_pretrained of a fast tokenizer writes.")
    found = Tokenizer.from_file(str(path)).encode("two words", add_special_tokens=False)
    expect(len(found.ids) > 0, "Its tokenizer finds no token in a text.")


def _folder(spec: PretrainedSpec) -> Path:
    folder = Path(weights_path(spec.weights))
    if not folder.is_dir():
        raise SkipTest(f"{spec.weights!r} is a name on the hub, which is not asked here")
    return folder


CHECKS: tuple[Callable[[PretrainedSpec], None], ...] = (
    check_spec_pickles,
    check_kind,
    check_install,
    check_weights_are_there,
    check_texts_are_taken_apart,
)
