# SPDX-License-Identifier: Apache-2.0
"""Phases and their transitions, learned from configurations."""

__all__ = []
