# SPDX-License-Identifier: Apache-2.0
"""The names of methods, found without importing one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from isinglass.sampling.method import methods as chains

__all__ = ["LEARNED", "Correction", "is_learned", "learned_methods", "methods", "objectives"]

Correction = Literal["metropolis", "weights", "none"]

LEARNED = ("flow", "autoregressive", "diffusion")
OBJECTIVES = ["reverse_kl", "path_gradient", "free_energy", "likelihood", "flow_matching", "denoising", "both_kl",
              "energy_and_likelihood"]  # fmt: skip
GENERATOR = ("isinglass.nets.density:AbstractGenerator",)
TRAINING = ("isinglass.training.setting:Training",)


def methods() -> list[str]:
    """Names of Markov chains, of samplers that are learned first, and of annealing."""
    return ["auto", *chains(), *LEARNED, "annealing"]


def learned_methods() -> list[str]:
    """Names of samplers that are learned."""
    return list(LEARNED)


def objectives() -> list[str]:
    """Names of what a sampler may be trained for."""
    return list(OBJECTIVES)


def is_learned(settings: Mapping[str, Any]) -> bool:
    """Do these settings ask for a learned sampler: by name, by giving a network, or by a folder that holds one?"""
    from isinglass.tasks.task import is_instance

    method, model = settings.get("method"), settings.get("model")
    if isinstance(method, str):
        return method in LEARNED or (model is not None and Path(model).exists())
    return is_instance(method, GENERATOR) or model is not None
