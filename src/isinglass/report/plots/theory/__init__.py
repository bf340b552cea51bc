# SPDX-License-Identifier: Apache-2.0
"""Figures of measured curves beside theirs of theory."""
