# SPDX-License-Identifier: Apache-2.0
"""Figures of phases and their transitions."""
