# SPDX-License-Identifier: Apache-2.0
"""Figures of models with latent variables."""
