# SPDX-License-Identifier: Apache-2.0
"""Figures of Markov chains and simulated annealing."""
