"""Features of patches: filters that are learnt without labels."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.patches.features import FilterSettings, learn_filters
from tests.plugins.models.images import pictures


def stacked(n_rows):
    return np.stack(list(pictures(n_rows)[0]))


def test_a_picture_and_its_mirror_image_are_one_where_asked():
    pixels = stacked(40)
    for mirror in (True, False):
        filters = learn_filters(pixels, FilterSettings(16, mirror=mirror), np.random.default_rng(0))
        alike = np.allclose(filters.features(pixels[0]), filters.features(pixels[0][:, ::-1]), atol=1e-3)
        assert alike is mirror
        assert len(filters.features(pixels[0])) == filters.n_features
