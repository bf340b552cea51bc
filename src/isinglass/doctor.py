# SPDX-License-Identifier: Apache-2.0
"""A check of the installation: versions, devices, folders, what is missing for which feature, and one exact number."""

import os
import re
import shutil
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import NamedTuple

from isinglass.result import Check, Estimate, Result

__all__ = ["EXTRAS", "Extra", "examine"]


class Extra(NamedTuple):
    """What needs an extra of pyproject.toml, and the module by which each of its requirements is imported."""

    feature: str
    modules: dict[str, str]


EXTRAS = {
    "tensorboard": Extra("training curves in TensorBoard", {"tensorboardX": "tensorboardX"}),
    "arviz": Extra("diagnostics by ArviZ", {"arviz-stats": "arviz_stats"}),
    "flows": Extra("continuous flows by diffrax", {"diffrax": "diffrax"}),
    "blackjax": Extra("NUTS", {"blackjax": "blackjax"}),
    "molecules": Extra("molecular simulation by OpenMM", {"openmm": "openmm"}),
    "sky": Extra(
        "matter power, gravitational waves",
        {"jax-cosmo": "jax_cosmo", "ripplegw": "ripplegw", "setuptools<81": "pkg_resources"},
    ),
    "farm": Extra("simulations on a Dask cluster", {"distributed": "distributed"}),
    "atoms": Extra("potentials of atoms", {"ase": "ase", "e3nn-jax": "e3nn_jax", "vesin": "vesin"}),
    "chemistry": Extra("labels by quantum chemistry", {"pyscf": "pyscf"}),
    "lab": Extra(
        "the page of isinglass lab", {"starlette": "starlette", "uvicorn": "uvicorn", "websockets": "websockets"}
    ),
}
TOTAL_LOG_Z = 16 * 0.970119716172  # ln Z of the 4 x 4 torus at T_c, by enumeration of its 65,536 states


def examine() -> Result:
    """The examination as a Result: the facts in `settings`, the self-test as a check."""
    import jax

    begun = time.perf_counter()
    measured = log_partition_function()
    seconds = time.perf_counter() - begun
    cache = str(jax.config.jax_compilation_cache_dir)  # pyright: ignore[reportAttributeAccessIssue]
    x64 = bool(jax.config.jax_enable_x64)  # pyright: ignore[reportAttributeAccessIssue]
    law = "ln Z of the 4 x 4 Ising torus at T_c is that of its enumeration"
    result = Result(
        "doctor",
        estimates={"log_partition_function": Estimate(measured), "self_test_seconds": Estimate(seconds, unit="s")},
        checks=[
            Check.within(
                law, measured, TOTAL_LOG_Z, 1e-9 if x64 else 1e-3, source="enumeration", of="log_partition_function"
            ),
            Check.at_least("free disk space here is at least 1 GB", free_gigabytes("."), 1.0),
        ],
        settings={
            "devices": ", ".join(str(device) for device in jax.devices()),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "64-bit": "on" if x64 else "off",
            "compilation cache": cache,
            "cache writable": "yes" if writable(cache) else "no",
            **{extra.feature: installed(name, extra) for name, extra in EXTRAS.items()},
        },
    )
    if not x64:
        result.notes.append("64-bit is off: unset JAX_ENABLE_X64, or set it to 1.")
    return result


def log_partition_function() -> float:
    """ln Z = ln Σ_s exp(-E(s) / T_c) of the Ising model on the 4 x 4 torus.  Cost: 2^16 energies."""
    import jax
    import numpy as np

    from isinglass.systems.lattice.ising import Ising

    system = Ising((4, 4), temperature=2 / np.log1p(np.sqrt(2.0)))
    bits = (np.arange(2**16)[:, None] >> np.arange(16)) & 1
    spins = (2 * bits - 1).astype(np.int8).reshape(-1, 4, 4)
    return float(jax.nn.logsumexp(jax.jit(jax.vmap(system.log_weight))(spins)))


def free_gigabytes(folder: str) -> float:
    """Free space in GB of the disk that holds a folder."""
    return shutil.disk_usage(folder).free / 1e9


def writable(folder: str) -> bool:
    """Whether files can be created in the folder, or in its nearest existing parent."""
    while folder and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return os.access(folder or ".", os.W_OK)


def installed(name: str, extra: Extra) -> str:
    """The versions of what an extra needs, or what is missing and the command that adds it."""
    missing = [requirement for requirement, module in extra.modules.items() if find_spec(module) is None]
    if missing:
        return f'missing {", ".join(missing)}; pip install "isinglass[{name}]"'
    return ", ".join(release(re.split("[<>=!]", requirement)[0]) for requirement in extra.modules)


def release(package: str) -> str:
    """A package with its version."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} of unknown version"
