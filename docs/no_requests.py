"""Fail the build where a page would ask for anything from outside: it is to be read offline, unseen by others."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.exceptions import PluginError

LOADED = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
HARMLESS = re.compile(r"<link\b[^>]*\brel=[\"']?canonical[^>]*>")


def on_post_page(output: str, page: Any, **kwargs: Any) -> str:  # noqa: ARG001  mkdocs hands more over
    """Return the page as it is; a PluginError names what it would load."""
    found = LOADED.search(HARMLESS.sub("", output))
    if found:
        raise PluginError(f"{page.file.src_uri} loads {found[0]!r}...; put a copy into docs/ instead.")
    return output
