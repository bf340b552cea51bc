# SPDX-License-Identifier: Apache-2.0
"""Figures of atoms in motion and at rest."""
