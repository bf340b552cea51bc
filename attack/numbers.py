# SPDX-License-Identifier: Apache-2.0
"""Hostile numbers for every setting of every command, by rule.

A setting is above 0 and finite, unless its help says what 0 (or -1) means or it is listed here.  A whole number is
no fraction, no word, nothing.  A list is not empty, unless its help says what an empty one means.
"""

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from attack.case import DONE, Case, refused

__all__ = ["cases"]

WORDS = ("x", "", "1.5.2", "1e", "0x10", "True", "None", "٣é", "1,000", "--", "1e400x")
NEVER_WHOLE = (*WORDS, "1.5", "nan", "inf", "1e3", "-1", "-9223372036854775808")
NEVER_REAL = (*WORDS, "nan", "inf", "-inf", "1e400", "-1", "-1e308")
MAY_BE_ZERO = {  # what physics or the method lets be 0, though no help says so
    "run u1-flow": {"warmup"}, "run foundation-state": {"lowest", "degree"}, "run quench": {"cutoff"},
    **dict.fromkeys(("run heisenberg-rbm", "run tfim-ground-state", "run autoregressive-state", "run j1j2"), {"shift"}),
    "sample": {"warmup"}, "ground-state": {"steps", "shift", "tolerance", "exact"},
    "run variational-autoregressive": {"anneal"},
}  # fmt: skip
MAY_BE_NEGATIVE = {"ground-state": {"exact"}}
NO_NUMBERS = {"exact_source"}
SEEDS = ("18446744073709551616", "9223372036854775808", "-9223372036854775809", "1" * 40, *WORDS, "1.5", "nan", "1e3")


def cases() -> list[Case]:
    """All of them."""
    return [
        *of_experiments(),
        *of_tasks(),
        *of_systems(),
        *of_seeds(),
        *of_temperatures(),
        *of_shapes(),
        *of_commands(),
    ]


def of_experiments() -> Iterator[Case]:
    """Every setting of every experiment, at its quickest preset."""
    from isinglass.experiments.catalogue import catalogue, find
    from isinglass.tasks.task import documentation

    for turn, name in enumerate(catalogue()):
        experiment, command = find(name), f"run {name}"
        described = documentation(experiment)
        for place, f in enumerate(dataclasses.fields(experiment)):  # pyright: ignore[reportArgumentType]
            line = f"{command} --preset smoke --out o {flag(f.name)}"
            for value in chosen(hostile(f.type, command, f.name, described.get(f.name, "")), turn + place):
                yield refused("numbers of experiments", line, *value)


def of_tasks() -> Iterator[Case]:
    """Every setting of `ground-state`, `phases`, `transition` and `sample`."""
    from isinglass.tasks.find import command_tasks, tasks
    from isinglass.tasks.task import documentation

    files = {"ground-state": "good.toml", "phases": "good.npz", "transition": "good.npz"}
    places = [(task, command, f"{command} {files[command]} --out o")
              for command, found in command_tasks().items() if command in files for task in found]  # fmt: skip
    for task in tasks("sample"):
        if "isinglass.systems.system:AbstractSystem" in task.problem:
            at = "--temperature 2" if hasattr(task, "temperature") else ""
            places.append((task, "sample", f"sample phi4 --shape 4 4 {at} --out o.nc"))
    for task, command, line in places:
        described, words = documentation(task), of_choice(task)
        for f in dataclasses.fields(task):
            if f.metadata.get("flag", f.type) in (None, bool) or f.name in NO_NUMBERS:
                continue
            kind = f.metadata.get("flag") or f.type
            if f.name not in ("temperature", "method", "ansatz", "label", "parameter", "model"):
                for value in hostile(kind, command, f.name, described.get(f.name, "")):
                    yield refused(f"numbers of {command}", f"{line} {words} {flag(f.name)}", *value)


def of_choice(task: Any) -> str:
    """The words that choose a task among those of its command."""
    for name in ("method", "ansatz"):
        default = getattr(task, name, None)
        if isinstance(default, str):
            return f"--{name} {'rbm' if default == 'auto' and name == 'ansatz' else default}"
    return ""


def of_systems() -> Iterator[Case]:
    """Every parameter of every system: couplings may have any sign, widths and numbers of things may not."""
    from isinglass.systems.listing import listed

    for name, place in listed().items():
        line = f"sample {name} --samples 64 --out o.nc --temperature 2" if name != "u1" else \
            f"sample {name} --samples 64 --out o.nc"  # fmt: skip
        given = required(name)
        for p in inspect.signature(getattr(importlib.import_module(place.module), place.name)).parameters.values():
            kind = p.annotation if p.annotation in (int, float) else type(p.default)
            if p.name in ("temperature", "shape", "key") or kind not in (int, float):
                continue
            others = [word for other, words in given.items() if other != p.name for word in words]
            signed = p.name in SIGNED.get(name, set())
            real = [v for v in NEVER_REAL if not (signed and v.startswith("-1"))]
            values = (*NEVER_WHOLE, "0") if kind is int else real
            for value in values:
                if not (name == "dimer" and p.name == "n" and value == "0"):
                    yield refused("numbers of systems", line, *others, parameter(p.name), value)


SIGNED = {  # couplings and centres of either sign
    "phi4": {"m2"}, "phi4-hopping": {"kappa"}, "gauge": {"J"}, "ising": {"J", "h"}, "potts": {"J"}, "xy": {"J"},
    "square-ice": {"J"}, "double-well": {"b", "c"}, "dimer": {"epsilon"}, "two-modes": set(),
}  # fmt: skip


def required(name: str) -> dict[str, tuple[str, ...]]:
    """The flags that a system cannot do without."""
    lattice = {"shape": ("--shape", "4", "4")}
    return {
        "phi4-hopping": {**lattice, "kappa": ("--kappa", "0.2"), "lam": ("--lam", "0.5")},
        "free-field": {**lattice, "m2": ("--m2", "0.5")}, "sherrington-kirkpatrick": {"n": ("--n", "8")},
        **dict.fromkeys(("alanine-dipeptide", "dimer", "lennard-jones", "double-well", "two-modes", "ring",
                         "mueller-brown"), {}),
    }.get(name, lattice)  # fmt: skip


def of_seeds() -> Iterator[Case]:
    """No whole number of 64 bits."""
    lines = ("run ising-phases --preset smoke --out o", "sample ising --shape 4 4 --temperature 2 --out o.nc",
             "ground-state good.toml --out o", "phases good.npz --out o", "verify two-wells-lost")  # fmt: skip
    for i, line in enumerate(lines):
        for seed in SEEDS[:4] + SEEDS[4 + i :: 3]:
            yield refused("seeds", f"{line} --seed", seed)


def of_temperatures() -> Iterator[Case]:
    """Temperatures are positive and finite, and their inverse is too; ranges have a first, a last and a number."""
    wrong = ("0", "-1", "nan", "inf", "-inf", "1e-320", "1e400", "x", "", "1:2", "1:2:3:4", "1:2:x", "1:2:0", "1:2:-3",
             "1:2:1.5", "nan:2:3", "1:inf:3", "0:2:3", "-1:1:5", "1::3", "::", ":", ",", "1;2",
             "1:2:1e3", "1e-310")  # fmt: skip
    for system in ("ising", "phi4", "potts", "square-ice"):
        for value in wrong:
            yield refused("temperatures", f"sample {system} --shape 4 4 --samples 64 --out o.nc --temperature", value)
    for value in ("1:2:1000000000", "1:2:100000000000", "1:2:" + "9" * 30):
        yield refused("memory", f"sample ising --shape 4 4 --samples 64 --out o.nc --temperature {value}", says="[BG]B")
    for method in ("flow", "diffusion"):
        for value in ("1 2", "1:2:3"):
            yield refused("temperatures", f"sample phi4 --shape 4 4 --method {method} --out o.nc --temperature {value}")


def of_shapes() -> Iterator[Case]:
    """Sides: whole numbers, two or more, as many as the lattice has, and no more sites than fit in memory."""
    systems = ("ising", "potts", "xy", "gauge", "square-ice", "u1", "phi4", "edwards-anderson")
    wrong = ("", "0 0", "0 4", "-4 4", "1 1", "4.5 4", "x 4", "nan 4", "4 -1", "4,4", "(4,4)", "[4,4]", "1e1 4", "4x4")
    for system in systems:
        line = f"sample {system} --samples 64 --out o.nc" + (" --temperature 2" if system != "u1" else "")
        for shape in wrong:
            yield refused("shapes", f"{line} --shape {shape}")
        yield refused("shapes", f"{line}")
        for shape in ("1000000 1000000", "100000 100000", "4294967296 4294967296", "1" + "0" * 30 + " 4"):
            yield refused("memory", f"{line} --shape {shape}", says="[TGMEk]B")
    for system in ("gauge", "square-ice", "u1"):
        temperature = "" if system == "u1" else " --temperature 2"
        for shape in ("4", "4 4 4"):
            yield refused("shapes", f"sample {system} --samples 64 --out o.nc{temperature} --shape {shape}")
    for shape in ("3 3", "5 4", "4 5"):  # odd sides are no fault of square ice
        yield refused(
            "shapes", f"sample square-ice --temperature 1 --samples 64 --out o.nc --shape {shape}", codes=DONE
        )
    for lattice, shape in (("triangular", "2 2"), ("triangular", "4"), ("honeycomb", "3 3"), ("kagome", "4 4"),
                           ("cubic", "4 4"), ("chain", "4 4"), ("nothing", "4 4"), ("", "4 4")):  # fmt: skip
        yield refused("shapes", f"sample ising --temperature 2 --out o.nc --shape {shape} --lattice", lattice)


def of_commands() -> Iterator[Case]:
    """Numbers of `verify`, and what would need more memory than any machine has."""
    for seeds in ("0", "-1", "x", "", "1.5", "nan", "1000000000000000000000"):
        yield refused("numbers of verify", "verify two-wells-lost --preset smoke --seeds", seeds)
    big = "1000000000000"
    line = "sample ising --shape 4 4 --temperature 2 --out o.nc"
    yield refused("memory", f"{line} --samples {big}", says="[TGP]B")
    yield refused("memory", f"{line} --samples {big} --chains {big}", says="[TGP]B")
    yield refused("memory", f"{line} --samples 1000000000 --chains 1000000000", says="[TG]B")
    for name in ("samples", "draws", "batch", "steps"):
        yield refused(
            "memory", f"sample phi4 --shape 4 4 --method flow --preset smoke --out o.nc --{name} {big}", says="[TG]B"
        )
    for name in ("alpha", "samples", "steps"):
        for value in ("1000000000", big) if name == "alpha" else (big,):
            yield refused("memory", f"ground-state good.toml --ansatz rbm --out o --{name} {value}", says="[TGP]B")
    yield refused("memory", f"ground-state good.toml --ansatz exact --out o --states {big}")
    for value in ("100000", "1000000000"):
        yield refused("memory", f"sample sherrington-kirkpatrick --temperature 1 --out o.nc --n {value}", says="[TGE]B")
    yield refused("memory", f"sample lennard-jones --temperature 1 --out o.nc --n {big}", says="[TGE]B")
    yield refused("memory", f"sample double-well --temperature 1 --out o.nc --n {big}", says="[TGE]B")
    for name, value in (("ising-phases", "--samples"), ("confusion", "--samples"), ("gauge-phases", "--samples"),
                        ("tfim-ground-state", "--samples"), ("u1-flow", "--draws"), ("phi4-flow", "--batch"),
                        ("entanglement", "--draws"), ("diffusion-field", "--samples"), ("ising-phases", "--chains"),
                        ("boltzmann-generator", "--draws"), ("heisenberg-rbm", "--steps")):  # fmt: skip
        yield refused("memory", f"run {name} --preset smoke --out o {value} {big}", says="[TG]B")
    for name, value in (("ising-phases", "--sizes"), ("confusion", "--sizes"), ("unsupervised-phases", "--size"),
                        ("critical-slowing-down", "--sizes"), ("gauge-phases", "--size")):  # fmt: skip
        yield refused("memory", f"run {name} --preset smoke --out o {value} 1000000", says="[TG]B")


def hostile(kind: Any, command: str, name: str, described: str) -> list[tuple[str, ...]]:
    """The words that may not follow a flag of this type."""
    if get_origin(kind) is tuple:
        (inner, *_), found = get_args(kind), [] if "none:" in described else [()]
        if inner not in (int, float):
            return found
        return found + hostile(inner, command, name, described)
    inner = next((one for one in (kind, *get_args(kind)) if one in (int, float)), None)
    if inner is None:
        return []
    none = kind is not inner  # `None` is a word for leaving it out
    free, negative = (name in table.get(command, set()) for table in (MAY_BE_ZERO, MAY_BE_NEGATIVE))
    values = [
        value
        for value in (NEVER_WHOLE if inner is int else NEVER_REAL)
        if not (value.startswith("-1") and (negative or "-1:" in described) or none and value == "None")
    ]
    if not free and "0:" not in described and not (inner is float and name in REAL_ZERO):
        values.append("0")
    return [(value,) for value in values]


REAL_ZERO = {"fields", "couplings", "repulsions", "before", "after"}  # lists of couplings


def chosen(values: list[tuple[str, ...]], turn: int) -> list[tuple[str, ...]]:
    """Of an experiment, the hostile numbers and every fourth of the hostile words, in turn."""
    words = [(word,) for word in WORDS]
    return [v for v in values if v not in words or words.index(v) % 6 == turn % 6]


def flag(name: str) -> str:
    """--learning-rate for learning_rate."""
    return "--" + name.replace("_", "-")


def parameter(name: str) -> str:
    """A flag of a system: letters keep their case."""
    return f"--{name}" if len(name) == 1 else flag(name)
