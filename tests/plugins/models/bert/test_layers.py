"""Layers of a transformer: texts of like length together, what is kept as arrays, and a head over the states."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.bert import layers

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

LENGTHS = [3, 40, 5, 17, 3, 9]
FACTS = {"width": 8, "heads": 2, "dropout": 0.0, "n_numbers": 1, "n_outputs": 3}


def test_the_description_of_a_network_tells_its_size(weights):
    config = layers.config_of(weights)
    assert (layers.depth_of(config), layers.width_of(config)) == (2, 24)


def test_every_text_is_in_one_batch_that_has_room_for_it():
    batches = list(layers.batches_by_length(LENGTHS, 64))
    assert sorted(row for part, _ in batches for row in part) == list(range(len(LENGTHS)))
    for part, length in batches:
        assert length % layers.STEP == 0
        assert max(LENGTHS[row] for row in part) <= length
        assert len(part) == 1 or len(part) * length <= 64


def test_short_texts_are_filled_up_and_masked():
    rows = [np.array([5, 6], dtype=np.int32), np.array([7, 8, 9], dtype=np.int32)]
    ids, mask = layers.padded(rows, 4, 0, "cpu")
    assert ids.tolist() == [[5, 6, 0, 0], [7, 8, 9, 0]]
    assert mask.tolist() == [[1, 1, 0, 0], [1, 1, 1, 0]]


def test_layers_filled_with_the_arrays_of_others_give_the_same_states(weights):
    body = layers.load_body(weights, 2)
    arrays = layers.arrays_of(body, half=True)
    other = layers.filled(layers.make_body(dict(layers.config_of(weights)), 2), arrays)
    tokens = [np.array([2, 5, 3], dtype=np.int32), np.array([2, 6, 7, 8, 3], dtype=np.int32)]
    for one, two in zip(layers.states_of(body, tokens, 0), layers.states_of(other, tokens, 0), strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_digest_knows_the_numbers_and_the_padding():
    arrays = {"a": np.ones(3, dtype=np.float16)}
    digests = {layers.digest_of(arrays, 0), layers.digest_of(arrays, 1), layers.digest_of({"a": 2 * arrays["a"]}, 0)}
    assert len(digests) == 3


def test_the_head_passes_over_what_is_masked():
    torch.manual_seed(0)
    head = layers.make_head(FACTS).eval()
    for layer in (head.score, head.last):  # which begin as zeros
        torch.nn.init.normal_(layer.weight)
    states, mask, numbers = torch.randn(2, 5, 8), torch.tensor([[1, 1, 1, 0, 0]] * 2), torch.zeros(2, 1)
    changed = states.clone()
    changed[:, 3:] += 100.0
    with torch.no_grad():
        found = head(states, mask, numbers)
        assert found.shape == (2, 3)
        torch.testing.assert_close(head(changed, mask, numbers), found)
        assert not torch.allclose(head(changed, torch.ones_like(mask), numbers), found)


@pytest.mark.parametrize(
    ("config", "besides", "places"),
    [
        ({"max_position_embeddings": 512}, 0, 504),
        ({"max_position_embeddings": 514}, 0, 512),
        ({"max_position_embeddings": 514}, 4, 504),
        ({"n_positions": 64}, 0, 56),
        ({"max_position_embeddings": 4}, 0, 8),
        ({"model_type": "t5"}, 0, layers.UNBOUNDED),
    ],
)
def test_a_network_has_so_many_places_for_the_tokens_of_a_text(config, besides, places):
    assert layers.places_in(config, besides) == places


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_as_many_tokens_as_there_are_places_go_through_the_layers(kind):
    config = {
        "model_type": kind, "vocab_size": 30, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8,
        "max_position_embeddings": 26, "pad_token_id": 1,
    }  # fmt: skip
    tokens = np.full(layers.places_in(config), 5, dtype=np.int32)
    (states,) = layers.states_of(layers.make_body(config, 1), [tokens], padding=1)
    assert states.shape == (24, 8)
    assert np.isfinite(states).all()
