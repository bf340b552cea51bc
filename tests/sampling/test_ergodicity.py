# SPDX-License-Identifier: Apache-2.0
"""Methods that cannot reach all configurations are not chosen, and refused where asked for: Blume-Capel, E_i = D s_i².

Refs: Blume 1966, doi:10.1103/PhysRev.141.517; Capel 1966, doi:10.1016/0031-8914(66)90027-9.
"""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass import sample
from isinglass.checks.energy import energy
from isinglass.checks.equilibrium import stationarity
from isinglass.errors import InputError
from isinglass.exact.lattice.enumeration import configurations
from isinglass.sampling import HMC, Mixed, SwendsenWang, TorsionTurn, Wolff
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.chain.reach import proposals_reach_all, reflections_hold, reflections_reach_all
from isinglass.sampling.choice import choose
from isinglass.symmetry import Angles, Levels
from isinglass.systems import XY, AbstractPairSystem, AlanineDipeptide, Graph, Ising, Phi4, Potts
from isinglass.systems.graph import hypercubic

T, D, N = 0.8, 0.5, 9


class BlumeCapel(AbstractPairSystem):
    """E = -J Σ_<ij> s_i s_j + D Σ_i s_i² - h Σ_i s_i, s_i = -1, 0, 1, as CONTRIBUTING says."""

    graph: Graph
    beta: jax.Array
    J: jax.Array
    D: jax.Array
    h: jax.Array
    variable: ClassVar = Levels((-1, 0, 1))
    symmetries: ClassVar = ()

    def __init__(self, shape, *, temperature=T, D=D, J=1.0, h=0.0):
        self.graph = hypercubic(shape)
        self.beta, self.D, self.J, self.h = (jnp.asarray(float(a)) for a in (1 / temperature, D, J, h))

    def pair_energy(self, a, b):
        return -(a * b).astype(float)

    def site_energy(self, a):
        return self.D * (a * a).astype(float) - self.h * a.astype(float)

    def propose(self, key, x):
        return (x + 1 + jax.random.randint(key, x.shape, 1, 3, dtype=x.dtype)) % jnp.int8(3) - jnp.int8(1)

    def reflect(self, key, x):
        return -x

    def random_configuration(self, key):
        return self.variable.random(key, self.shape)

    def order_parameter(self, x):
        return jnp.mean(x.astype(float))

    def exact_energy(self, temperature):
        return None


class SignsOnly(BlumeCapel):
    """Planted: proposals that never change |s|."""

    def propose(self, key, x):
        return -x


class FourAxes(XY):
    """Planted: reflections of a plane vector about four axes, which reach eight angles from one."""

    def reflect(self, key, x):
        return (2 * jnp.pi / 4 * jax.random.randint(key, (), 0, 4).astype(x.dtype) - x) % (2 * jnp.pi)


class Tilted(Ising):
    """Planted: says that it may be flipped, and may not: a field in its site energy."""

    def site_energy(self, a):
        return 1e-6 * a.astype(float)


def enumerated(system, n):
    states = np.concatenate(list(configurations(n, 3))).reshape(-1, *system.shape).astype(np.int8) - np.int8(1)
    return states, np.asarray(jax.vmap(system.log_weight)(jnp.asarray(states)))


def exact_energy(system):
    log_weight = enumerated(system, N)[1]
    return float(jax.nn.softmax(log_weight) @ (-log_weight * T)) / N


def test_blume_capel_by_auto_has_the_enumerated_energy(key):
    """<E>/N = -1.4506 of all 3^9 states; clusters alone gave -1.007 ± 0.089.  Sees 0.03; false alarm 6e-5."""
    system = BlumeCapel((3, 3))
    exact = exact_energy(system)
    assert exact == pytest.approx(-1.4506, abs=1e-4)
    assert isinstance(choose("auto", system), Mixed)
    arrays = sample(key, system, T, samples=6400, chains=64).arrays
    found, chain = arrays["energy"].to_numpy() / N, arrays["chain"].to_numpy()
    check = energy(found, chain, exact)
    assert check.verdict == "pass", check
    assert check.error < 0.008
    assert energy(found, chain, exact + 5 * 0.008).verdict == "fail"
    assert arrays.configurations.attrs["kind"] == "real"


def test_clusters_alone_leave_its_law_invariant_and_never_change_the_modulus(key):
    """Which no test of stationarity can see: why reach is asked for apart."""
    system = BlumeCapel((2, 2))
    states, log_weight = enumerated(system, 4)
    step = jax.jit(lambda k, x: SwendsenWang().step(k, x, system)[0])
    assert stationarity(key, step, states, log_weight).verdict == "pass"
    x = jnp.asarray(states)
    y = jax.vmap(step)(jax.random.split(key, len(x)), x)
    assert (jnp.abs(x) == jnp.abs(y)).all()
    assert (x != y).any()


@pytest.mark.parametrize("method", ["swendsen_wang", "wolff", SwendsenWang(), Mixed((Wolff(), SwendsenWang()))])
def test_clusters_alone_are_refused_in_one_line(method):
    with pytest.raises(InputError, match=r"^expected moves that reach every value of a variable; found .*; .*\.$"):
        choose(method, BlumeCapel((3, 3)))
    with pytest.raises(InputError, match=r"^expected moves that reach"):
        choose(method, Phi4((4, 4)))


@pytest.mark.parametrize(
    ("system", "hold", "reach"),
    [
        (Ising((4, 4)), True, True), (Ising((4, 4), h=1e-7), False, True), (Potts((4, 4), q=3), True, True),
        (Potts((3, 3), q=127), True, True), (XY((4, 4)), True, True), (Phi4((4, 4)), True, False),
        (BlumeCapel((3, 3)), True, False), (BlumeCapel((3, 3), h=0.1), False, False), (Tilted((3, 3)), False, True),
        (FourAxes((3, 3)), True, False),
    ],
)  # fmt: skip
def test_reflections_are_tried(system, hold, reach):
    """What is declared does not count."""
    assert (reflections_hold(system), reflections_reach_all(system)) == (hold, reach)
    chosen = choose("auto", system)
    clusters = isinstance(getattr(chosen, "sampler", None), SwendsenWang) or isinstance(chosen, Mixed)
    assert clusters <= hold
    if not hold:
        with pytest.raises(InputError, match="reflections that leave the energy unchanged"):
            choose("wolff", system)
        with pytest.raises(InputError, match="reflections that leave the energy unchanged"):
            choose(Mixed((Metropolis(), Wolff())), system)


def test_local_moves_that_do_not_reach_all_are_refused():
    assert proposals_reach_all(BlumeCapel((3, 3)))
    assert not proposals_reach_all(SignsOnly((3, 3)))
    for method in ("metropolis", Mixed((Metropolis(), SwendsenWang()))):
        choose(method, BlumeCapel((3, 3)))
        with pytest.raises(InputError, match="moves that reach every value"):
            choose(method, SignsOnly((3, 3)))


def test_torsions_alone_are_refused():
    with pytest.raises(InputError, match="torsion_turn, which cannot"):
        choose(TorsionTurn(), AlanineDipeptide())
    assert isinstance(choose(Mixed((HMC(), TorsionTurn())), AlanineDipeptide()), Mixed)


def test_a_field_under_compilation_is_refused_before_it_starts(key):
    """`draw` looks at the numbers of the system, which a compiled step cannot see."""
    from isinglass.sampling.chain.sampler import Independent
    from isinglass.sampling.ensemble.driver import SamplingPlan, draw
    from isinglass.systems import at_temperatures

    system = eqx.tree_at(lambda s: s.h, Ising((4, 4)), jnp.asarray(0.2))
    x = jax.vmap(jax.vmap(system.random_configuration))(jax.random.split(key, (1, 4)))
    with pytest.raises(InputError, match="reflections that leave the energy unchanged"):
        draw(key, Independent(Wolff()), at_temperatures(system, np.array([2.0])), x, SamplingPlan(samples=8, chains=4))


def test_a_circle_is_filled_by_many_angles():
    assert Angles().filled_by(np.linspace(-9, 9, 100))
    assert not Angles().filled_by(np.linspace(0, 5.8, 100))
