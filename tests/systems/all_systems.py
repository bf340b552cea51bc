# SPDX-License-Identifier: Apache-2.0
"""Small instances of every system: the `examples()` of each file below systems/, found by being there."""

import importlib
from pathlib import Path

import isinglass
from isinglass.systems.system import AbstractLatticeSystem, AbstractSystem

ROOT = Path(isinglass.__file__).parent


def modules():
    """Every module of systems/ that defines a system."""
    for path in sorted((ROOT / "systems").rglob("*.py")):
        if path.name != "__init__.py":
            module = importlib.import_module(".".join(["isinglass", *path.relative_to(ROOT).with_suffix("").parts]))
            if systems_of(module):
                yield module


def systems_of(module):
    """The concrete systems that a module defines."""
    own = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]
    return [c for c in own if issubclass(c, AbstractSystem) and not c.__name__.startswith("Abstract")]


ALL_SYSTEMS = {name: system for module in modules() for name, system in module.examples().items()}
LATTICE = {name: system for name, system in ALL_SYSTEMS.items() if isinstance(system, AbstractLatticeSystem)}
DISCRETE = {name: system for name, system in ALL_SYSTEMS.items() if not system.variable.continuous}
SMOOTH = {name: system for name, system in ALL_SYSTEMS.items() if system.variable.continuous}  # has a gradient
