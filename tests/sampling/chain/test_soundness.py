# SPDX-License-Identifier: Apache-2.0
"""Systems and samplers of a user's own that break a law are refused before a chain runs; each planted error is seen."""

import jax
import jax.numpy as jnp
import pytest
from tests.own_parts.sampler import Barker
from tests.own_parts.system import BlumeCapel
from tests.systems.all_systems import ALL_SYSTEMS

from isinglass.errors import InputError
from isinglass.sampling.chain.reach import reflections_hold, symmetric_proposals
from isinglass.sampling.chain.sampler import AbstractEnsemble
from isinglass.sampling.chain.soundness import changes_hold, require_sound_step, symmetries_hold
from isinglass.sampling.choice import choose
from isinglass.symmetry import Reflection
from isinglass.systems import AbstractLatticeSystem, AbstractPairSystem, Ising


class Directed(BlumeCapel):
    """e(a, b) is not e(b, a), so that energy changes are none."""

    def pair_energy(self, a, b):
        return -(a * b * b).astype(float)


class Twice(BlumeCapel):
    """ΔE is twice what it should be."""

    def energy_changes(self, x, y, sites):
        return 2 * super().energy_changes(x, y, sites)


class OneColor(BlumeCapel):
    """All sites at once, which interact."""

    @property
    def colors(self):
        return jnp.arange(self.n_sites)[None]


class InAField(BlumeCapel):
    """Says that it may be flipped, with a field that forbids it."""

    symmetries = (Reflection(),)

    def site_energy(self, a):
        return -0.3 * a.astype(float)


class Upward(BlumeCapel):
    """Proposes s + 1 alone, modulo 3: every value is reached, but never the way back."""

    def propose(self, key, x):
        return (x + 2) % jnp.asarray(3, x.dtype) - 1


class Outside(BlumeCapel):
    """Proposes a value that is none."""

    def propose(self, key, x):
        return jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x, jnp.asarray(2, x.dtype))


class Cycle(BlumeCapel):
    """A map that keeps e = 1 - δ(a, b), but undoes itself only when applied three times."""

    def pair_energy(self, a, b):
        return -(a == b).astype(float)

    def site_energy(self, a):
        return jnp.zeros(a.shape)

    def reflect(self, key, x):
        return (x + 2) % jnp.asarray(3, x.dtype) - 1


class Small(BlumeCapel):
    """Starts of another shape."""

    def random_configuration(self, key):
        return self.variable.random(key, (2, 2))


class Word(BlumeCapel):
    """A variable by its name in files."""

    variable = "ising"


class Vector(BlumeCapel):
    """An energy of each site."""

    def energy(self, x):
        return x.astype(float)


@pytest.mark.parametrize(
    ("system", "method", "message"),
    [
        (Directed, "auto", "energy changes that are differences"),
        (Twice, "heat_bath", "energy changes that are differences"),
        (OneColor, "metropolis", "colors of sites that do not interact"),
        (InAField, "auto", r"Reflection\(.*\) of InAField"),
        (Upward, "metropolis", "y for x as often as x for y"),
        (Outside, "metropolis", "proposals of values of the variable"),
        (Cycle, "wolff", "undo themselves"),
        (Cycle, "swendsen_wang", "undo themselves"),
        (Small, "auto", r"shape \(3, 4\); found \(2, 2\)"),
        (Word, "auto", "a variable such as"),
        (Vector, "auto", r"one real number; found float64\[3, 4\]"),
    ],
)
def test_a_broken_law_is_refused(system, method, message):
    with pytest.raises(InputError, match=message):
        choose(method, system((3, 4)))


@pytest.mark.parametrize("method", ["auto", "metropolis", "heat_bath", "tempering"])
def test_a_sound_one_is_taken(method):
    assert isinstance(choose(method, BlumeCapel((3, 4))), AbstractEnsemble)


@pytest.mark.parametrize("name", ["ising_triangular", "potts", "edwards_anderson", "xy", "gauge", "phi4", "u1"])
def test_our_own_systems_would_pass(name):
    """No false alarm, in single precision too."""
    system = ALL_SYSTEMS[name]
    assert all(symmetries_hold(system))
    if isinstance(system, AbstractLatticeSystem):
        assert changes_hold(system)
        symmetric_proposals("metropolis", system)
    if isinstance(system, AbstractPairSystem):
        assert reflections_hold(system)


class Floats(Barker):
    """Configurations become real numbers."""

    def step(self, key, x, system):
        x, diagnostics = super().step(key, x, system)
        return x.astype(float), diagnostics


class Alone(Barker):
    """No diagnostics."""

    def step(self, key, x, system):
        return -x


class Raises(Barker):
    """Does not run."""

    def step(self, key, x, system):
        raise KeyError("speed")


@pytest.mark.parametrize(
    ("sampler", "message"),
    [
        (Floats, r"int8\[4, 4\] and diagnostics; found float64"),
        (Alone, "and diagnostics; found no pair"),
        (Raises, "KeyError: 'speed'"),
    ],
)
def test_a_step_that_gives_something_else_is_refused(sampler, message):
    with pytest.raises(InputError, match=message):
        choose(sampler(), Ising((4, 4)))
    require_sound_step(Barker(), Ising((4, 4)))
