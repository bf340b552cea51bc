# SPDX-License-Identifier: Apache-2.0
"""Named experiments with presets and claims: one file, one experiment."""

from isinglass.experiments.catalogue import CATALOGUE, Entry, find

__all__ = ["CATALOGUE", "Entry", "find"]
