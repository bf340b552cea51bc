# SPDX-License-Identifier: Apache-2.0
"""References in text as links: doi:10.1103/PhysRev.65.117 and arXiv:1605.01735 lead to their pages."""

import re
from urllib.parse import quote

from markupsafe import Markup, escape

__all__ = ["linked"]

REFERENCE = re.compile(
    r"(?P<doi>\bdoi:\s?(10\.\d{4,9}/[^\s;,<>\"']*[^\s;,<>\"'.]))|(?P<arxiv>\barXiv:\s?(\d{4}\.\d{4,5}|[a-z-]+/\d{7}))"
)


def linked(text: object) -> Markup:
    """The text, safe in HTML, each reference a link that opens elsewhere.

    Law: nothing is fetched before a person follows it.
    """
    said, parts, last = str(text), [], 0
    for found in REFERENCE.finditer(said):
        whole, doi, arxiv = found[0], found[2], found[4]
        if doi and whole.count(")") > whole.count("("):  # of a sentence in brackets
            whole, doi = whole.rstrip(")"), doi.rstrip(")")
        place = f"https://doi.org/{quote(doi, safe='/()')}" if doi else f"https://arxiv.org/abs/{arxiv}"
        parts.append(escape(said[last : found.start()]))
        parts.append(Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(place, whole))
        last = found.start() + len(whole)
    return Markup("").join([*parts, escape(said[last:])])
