# SPDX-License-Identifier: Apache-2.0
"""No figure fails without a word: in tests, what costs a user a note is an error, and every verb's figures are drawn.

A figure is drawn once for each kind and each set of arrays, so that it costs little.
"""

from contextlib import contextmanager

import isinglass.run.directory
import isinglass.verbs
from isinglass.report.figures import caption, draw_one
from isinglass.report.pointer import shown_values
from isinglass.report.style import house_style

__all__ = ["RELEASED", "hold_every_figure"]

RELEASED = isinglass.run.directory.noted  # as users have it
AS_RETURNED = isinglass.verbs.as_result
DRAWN = set()


@contextmanager
def raised(result, what):
    """In place of `noted`: the error itself."""
    yield


def drawn(result, task):
    """In place of `as_result`: the figures are drawn, with captions and values."""
    result = AS_RETURNED(result, task)
    arrays = frozenset((str(name), variable.dims) for name, variable in result.arrays.variables.items())
    for name in result.figures:
        seen = name, task, arrays
        if seen not in DRAWN:
            DRAWN.add(seen)
            with house_style():
                figure = draw_one(result, name)
                figure.draw_without_rendering()
                assert figure.axes, name
                assert caption(result, name), name
                shown_values(figure)
    return result


def hold_every_figure():
    """From now on, in this process."""
    isinglass.run.directory.noted = raised
    isinglass.verbs.as_result = drawn
