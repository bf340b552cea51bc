# SPDX-License-Identifier: Apache-2.0
"""Parts of the site's build: pages made from the code, and the form of docstrings and formulas."""
