# SPDX-License-Identifier: Apache-2.0
"""The fingerprint of a run: equal in another process, different for each thing that may change."""

import dataclasses
import functools
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from isinglass import systems
from isinglass.result import Result
from isinglass.run.fingerprint import change, fingerprint, part_of, surroundings


@dataclasses.dataclass
class Plan:
    """A setting that counts, and one that does not."""

    steps: int = 3
    seconds: float = dataclasses.field(default=0.0, metadata={"identity": False})


def scaled(by):
    return lambda x: by * x


PAIRS = {
    "number": (1.0, 1.0 + 2e-16),
    "sign of zero": (0.0, -0.0),
    "kind": (1, 1.0),
    "long list": (list(range(40)), [*range(39), 40]),
    "array": (np.arange(4.0), np.arange(4.0) + [0, 0, 0, 1e-12]),
    "shape": (np.zeros((2, 3)), np.zeros((3, 2))),
    "precision": (np.zeros(3, np.float32), np.zeros(3)),
    "closure": (scaled(1.0), scaled(2.0)),
    "closed array": (scaled(np.ones(3)), scaled(np.zeros(3))),
    "instructions": (lambda x: x + 1, lambda x: x - 1),
    "constant": (lambda x: x + 1.0, lambda x: x + 2.0),
    "compiled": (jax.jit(lambda x: x + 1.0), jax.jit(lambda x: x + 2.0)),
    "partial": (functools.partial(max, 1), functools.partial(max, 2)),
    "optimizer": (optax.adam(1e-3), optax.adam(2e-3)),
    "key": (jax.random.key(0), jax.random.key(1)),
    "field": (Plan(3), Plan(4)),
    "sector": (systems.heisenberg(systems.hypercubic((6,))), systems.heisenberg(systems.hypercubic((8,)))),
    "temperature": (systems.Ising((4, 4), temperature=2.0), systems.Ising((4, 4), temperature=2.1)),
    "boundary": (systems.hypercubic((6,)), systems.hypercubic((6,), periodic=False)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_differs_is_seen_and_the_same_is_not(name):
    a, b = PAIRS[name]
    assert change(fingerprint({"x": a}), fingerprint({"x": a})) == ""
    assert change(fingerprint({"x": a}), fingerprint({"x": b})).startswith("x")


def test_static_settings_of_a_hamiltonian_count():
    """A magnetization is no array: a checksum of arrays alone takes the two for one."""
    a, b = (systems.spins(6, magnetization=m) for m in (0, 2))
    assert jax.tree.leaves(a) == jax.tree.leaves(b)
    assert "magnetization" in change(fingerprint(a), fingerprint(b)) or change(fingerprint(a), fingerprint(b))


def test_what_is_no_part_of_the_identity_is_left_out():
    assert fingerprint(Plan(3, seconds=1.0)) == fingerprint(Plan(3, seconds=2.0))
    assert fingerprint(Result("a", seconds=1.0)) == fingerprint(Result("a", seconds=2.0))
    assert fingerprint(Result("a", settings={"J": 1})) != fingerprint(Result("a", settings={"J": 2}))


def test_the_change_is_named():
    a, b = ({"plan": {"steps": n, "rate": 0.1}} for n in (3, 4))
    assert change(fingerprint(a), fingerprint(b)) == "plan.steps was 3, is 4"
    many = change(fingerprint({str(i): i for i in range(9)}), {})
    assert many.endswith("and 7 more")


def test_a_loop_in_a_structure_ends():
    x: list = [1]
    x.append(x)
    assert fingerprint(x)["1"] == "itself"


def test_the_surroundings_are_a_stack():
    with part_of(command={"temperature": 1.5}), part_of(task=Plan(3)):
        assert set(surroundings()) == {"command", "task", "versions"}
    assert set(surroundings()) == {"versions"}
    assert {"isinglass", "jax", "jaxlib"} <= set(surroundings()["versions"])


SCRIPT = """
import jax, optax
from isinglass import systems
from isinglass.run.fingerprint import fingerprint
x = {"f": lambda x: x in {"a", "b", "c"}, "s": {"u", "v", "w"}, "o": optax.adam(0.1), "p": systems.Ising((4, 4))}
print(hash("a"), fingerprint(x))
"""


def test_it_is_the_same_in_another_process():
    """Words hash otherwise in each process, and so does the order of a set; memory addresses differ."""
    said = []
    for seed in "12":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        run = [sys.executable, "-c", SCRIPT]
        said.append(
            subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout.split(" ", 1)
        )
    assert said[0][0] != said[1][0]
    assert said[0][1] == said[1][1]
    assert "0x" not in said[0][1]


def test_large_arrays_are_digested():
    said = fingerprint({"x": jnp.zeros((300, 300)), "path": Path("a")})
    assert len(said["x"]) < 60
    assert said["path"] == "a"
