# SPDX-License-Identifier: Apache-2.0
"""Figures of predictors of symbols."""
