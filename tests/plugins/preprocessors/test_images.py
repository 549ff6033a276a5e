"""Image features: edges and colours as numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl.plugin_api import FitContext, PreprocessRequest
from automl.plugin_api.images import resized, stack_images
from automl_builtins.preprocessors.images import IMAGE_FEATURES, edge_histograms, main_axes
from tests.plugins.models.images import picture_table


def test_a_row_without_an_image_has_missing_features_alone():
    data = picture_table(30)
    data.features.iat[3, 1] = None
    only = replace(data, features=data.features[["photo"]])
    made = IMAGE_FEATURES.build(PreprocessRequest(data.schema.columns[1:], data.task))
    found = made.fit_transform(only, FitContext())
    assert found.iloc[3].isna().all()
    assert found.drop(index=found.index[3]).notna().all(axis=None)


def test_edges_of_one_direction_fill_one_bin():
    ramp = np.tile(np.linspace(0, 1, 32), (1, 32, 1)).reshape(1, 32, 32)
    for grey, bins in ((ramp, {0}), (ramp.transpose(0, 2, 1), {4, 5})):
        middle = edge_histograms(grey).reshape(7, 7, 4, 9)[3, 3, 0]
        assert set(np.flatnonzero(middle > 0.01)) == bins


def test_axes_are_those_of_most_variance_in_either_form():
    rng = np.random.default_rng(0)
    for shape in ((200, 12), (12, 200)):
        rows = (rng.normal(size=shape) * np.linspace(3, 0.1, shape[1])).astype(np.float32)
        _, axes = main_axes(rows, 5)
        right = np.linalg.svd(rows - rows.mean(axis=0))[2][:5].T
        np.testing.assert_allclose(np.abs(np.sum(axes * right, axis=0)), 1.0, atol=1e-3)


def test_images_of_other_sizes_are_scaled_by_area():
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    image[:32] = 200
    half = resized(image, 32)
    assert half.shape == (32, 32, 3)
    assert (half[:15] == 200).all()
    assert (half[17:] == 0).all()
    pixels, known = stack_images(np.array([image, None], dtype=object), 32)
    assert known.tolist() == [True, False]
    assert (pixels[1] == 128).all()
