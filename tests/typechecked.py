# SPDX-License-Identifier: Apache-2.0
"""The run-time type checker of the tests: an int is a float, as for every Python function."""

from beartype import BeartypeConf, beartype

typechecked = beartype(conf=BeartypeConf(is_pep484_tower=True))
