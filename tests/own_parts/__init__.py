# SPDX-License-Identifier: Apache-2.0
"""A user's package: a system, a sampler, a density, a network, an ansatz, a check and an experiment, one file each.

`tests/test_own_parts.py` copies it out of the source tree, under a name of its own.
"""
