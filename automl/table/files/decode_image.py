"""Decode one image: a path, a PIL image or an array, of any form, becomes a small square uint8 array in RGB."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.vocabulary.arrays import Array

MOST_PIXELS = 64_000_000
"""Of one image; reading a larger one takes more memory than the rest of a search."""
LEAST_SIDE = 2
"""An image of fewer pixels on a side shows nothing."""
GREY, TRANSPARENT = "in shades of grey", "with transparency"


class UnreadableImage(ValueError):
    """A value that is no usable image; the message says why in words that suit many of them."""


def is_image(value: Any) -> bool:
    """Tell whether a value is a PIL image, or an array with the form of one."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "uifb" and (value.ndim == 2 or (value.ndim == 3 and value.shape[2] in (1, 2, 3, 4)))
    return type(value).__module__.startswith("PIL.")


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for no image."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and not value.strip()


def read_image(value: Any, side: int) -> tuple[Array, str]:
    """Return one image as `(side, side, 3)` uint8, whatever its form, and what about it was changed.

    The whole image is scaled to a square; what is transparent becomes white. Raises UnreadableImage.
    """
    from PIL import Image

    try:
        image = Image.fromarray(_bytes_of(value)) if isinstance(value, np.ndarray) else _opened(value)
        _check_size(image.size)
        image.draft("RGB", (2 * side, 2 * side))  # of a JPEG only as much is decoded as is needed
        rgb, trait = _in_rgb(image)
        scaled = rgb if rgb.size == (side, side) else rgb.resize((side, side), Image.Resampling.BILINEAR, None, 2.0)
        return np.asarray(scaled, dtype=np.uint8), trait
    except UnreadableImage:
        raise
    except FileNotFoundError as error:
        raise UnreadableImage("no such file") from error
    except MemoryError:
        raise
    except Exception as error:  # a decoder may raise anything on a broken file
        raise UnreadableImage(_cause(error)) from error


def image_size(value: Any) -> tuple[int, int]:
    """Return width and height, of a file from its first bytes alone. Raises UnreadableImage."""
    if is_missing(value):
        raise UnreadableImage("no image")
    if isinstance(value, np.ndarray):
        size = (value.shape[1], value.shape[0])
    else:
        try:
            size = _opened(value).size
        except FileNotFoundError as error:
            raise UnreadableImage("no such file") from error
        except Exception as error:
            raise UnreadableImage(_cause(error)) from error
    _check_size(size)
    return size


def _opened(value: Any) -> Any:
    from PIL import Image

    if isinstance(value, str | Path):
        return Image.open(value)
    if not isinstance(value, Image.Image):
        raise UnreadableImage(f"a {type(value).__name__}, which is no image")
    return value.copy()  # `draft` would change the user's own


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise UnreadableImage(f"more than {MOST_PIXELS // 1_000_000} megapixels")
    if min(size) < LEAST_SIDE:
        raise UnreadableImage(f"fewer than {LEAST_SIDE} pixels wide or high")


def _cause(error: Exception) -> str:
    name = type(error).__name__
    if name.startswith("DecompressionBomb"):
        return f"more than {MOST_PIXELS // 1_000_000} megapixels"
    return "not an image file" if name == "UnidentifiedImageError" else "broken"


def _in_rgb(image: Any) -> tuple[Any, str]:
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layered).convert("RGB"), TRANSPARENT
    if image.mode.startswith(("I", "F")):  # 16 bits or more a pixel
        return Image.fromarray(_bytes_of(np.asarray(image))).convert("RGB"), GREY
    return image.convert("RGB"), GREY if image.mode in ("1", "L") else ""


def _bytes_of(array: Array) -> Array:
    """Return an array of pixels as uint8: numbers up to 1 are shares of full brightness, larger ones of their type."""
    if not is_image(array):
        raise UnreadableImage(f"an array of shape {array.shape} and type {array.dtype}")
    array = array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    values = np.nan_to_num(array.astype(np.float64))
    top = float(values.max(initial=0.0))
    full = 1.0 if top <= 1.0 and array.dtype.kind in "fb" else 255.0 if top <= 255.0 else 65535.0
    return np.clip(np.round(values * (255.0 / full)), 0, 255).astype(np.uint8)
