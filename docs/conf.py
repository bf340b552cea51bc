# SPDX-License-Identifier: Apache-2.0
"""The site: `make docs` builds it into docs/build, without a warning and without the network."""

import os
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent), str(DOCS.parent / "src")]
os.environ.pop("MPLBACKEND", None)  # the notebooks show their figures

from site_parts import api, course, docstring, gallery, repository  # noqa: E402

import isinglass  # noqa: E402

project = "isinglass"
author = "The isinglass developers"
copyright = "The isinglass developers, Apache-2.0"
version = release = isinglass.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "site_parts.mathml",
]
exclude_patterns = ["build", "site_parts", "conf.py", "figures", "gallery/saved", "course/notebooks"]
nb_custom_formats = {".py": "site_parts.course.page"}
nitpicky = False
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(DOCS / "build" / "executed")
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_output_stderr = "remove"  # progress
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
maximum_signature_line_length = 100
add_module_names = False
toc_object_entries = False  # the files of a folder are enough; with their names each page takes seconds
python_use_unqualified_type_names = True

html_math_renderer = "mathml"
html_theme = "furo"
html_title = "isinglass"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_search_scorer = str(DOCS / "static" / "scorer.js")
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"


def setup(app):
    """Pages that are made from the code, before the others are read."""
    app.connect("builder-inited", api.write_pages)
    app.connect("builder-inited", gallery.write_pages)
    app.connect("builder-inited", repository.write_pages)
    app.connect("builder-inited", course.write_notebooks)
    app.connect("autodoc-process-signature", docstring.signature)
    app.connect("source-read", repository.linked_here)
    app.connect("source-read", course.with_link)
    app.connect("autodoc-process-docstring", docstring.processed)
