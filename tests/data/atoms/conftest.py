# SPDX-License-Identifier: Apache-2.0
"""Without the extra `atoms` there is nothing to be tried here."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("ase") and find_spec("vesin") else ["test_*.py"]
