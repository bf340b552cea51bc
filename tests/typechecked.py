# SPDX-License-Identifier: Apache-2.0
"""The run-time type checker of the tests: an int is a float, as for every Python function.

Checks are built when a function is first called: most functions of the library are not called by most workers.
"""

import functools

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))


def typechecked(function):
    """The function with its arguments and result checked."""
    checked = None

    @functools.wraps(function)
    def first_checked(*args, **kwargs):
        nonlocal checked
        if checked is None:
            checked = check(function)
        return checked(*args, **kwargs)

    return first_checked
