# SPDX-License-Identifier: Apache-2.0
"""The attack kit: hostile commands, files and surroundings, mutated files, processes that are killed."""
