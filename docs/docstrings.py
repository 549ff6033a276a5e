"""Turn this project's docstrings into Markdown: "name: what it is" lines and NumPy sections become lists."""

from __future__ import annotations

import re
from typing import Any

import griffe

FIELD = re.compile(r"^([a-z_][\w, ]*?) ?: (\S.*)$", flags=re.IGNORECASE)
PARAGRAPHS = re.compile(r"\n{2,}")


class MarkdownDocstrings(griffe.Extension):
    """Rewrites each docstring before it is shown."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:  # noqa: ARG002  griffe hands more over
        """Rewrite the docstring of a class, function or attribute; a module's is for those who read its source."""
        if obj.is_module:
            obj.docstring = None
        elif obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """Return a docstring with its lists as Markdown lists; other paragraphs stay as they are."""
    return "\n\n".join(paragraph(each) for each in PARAGRAPHS.split(text))


def paragraph(text: str) -> str:
    """Return a paragraph, as a list where its first line is "name: what it is"; deeper lines go on with an item."""
    lines = text.splitlines()
    head = ""
    if len(lines) > 2 and set(lines[1]) == {"-"}:
        head, lines = f"**{lines[0]}**\n\n", lines[2:]
    items = [(FIELD.match(line), line) for line in lines]
    if not items[0][0] or not all(item or line.startswith("    ") for item, line in items):
        return head + "\n".join(lines)
    return head + "\n".join(f"- `{item[1]}`: {item[2]}" if item else f"  {line.strip()}" for item, line in items)
