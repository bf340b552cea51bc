# SPDX-License-Identifier: Apache-2.0
"""One chain at each of many temperatures, 32 to a word: exact energies, enumerated laws, planted errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm
from tests.sampling.ensemble.test_multispin import (
    FALSE_ALARM,
    boltzmann,
    cube,
    no_signs,
    p_value,
    random_start,
    run,
)  # fmt: skip

from isinglass import sample
from isinglass.errors import InputError
from isinglass.exact.lattice import kaufman
from isinglass.sampling.ensemble.bitstream import mixed_digits
from isinglass.sampling.ensemble.multispin import Multispin
from isinglass.sampling.ensemble.packed import PackedTemperatures
from isinglass.systems import Ising

L, T = 8, np.linspace(1.5, 3.3, 650)  # 20 words and a part of one


@pytest.fixture(scope="module")
def found():
    """The last configuration of a chain at each temperature."""
    method = PackedTemperatures(Ising((L, L)), len(T))
    return sample(jax.random.key(3), Ising((L, L)), T, method=method, samples=1, chains=1, warmup=400, thin=1,
                  effective_samples=None)  # fmt: skip


def deviations(found, T):
    """(E - <E>)/σ of each chain, by the exact law at these temperatures."""
    E, heat = kaufman.energy(T, L), kaufman.specific_heat(T, L)
    return (found.arrays["energy"].to_numpy() / L**2 - E) / np.sqrt(heat * T**2 / L**2)


def test_each_chain_has_its_own_temperature(found):
    """Mean and variance of 650 deviations, 4 errors; in 10 parts of the range too.  Sees 3 % in T."""
    np.testing.assert_allclose(found.arrays["temperature"], T)
    z = deviations(found, T)
    each = lambda z: max(abs(part.sum()) / len(part) ** 0.5 for part in np.array_split(z, 10))  # noqa: E731
    assert abs(z.mean()) < 4 / len(T) ** 0.5
    assert z.var() == pytest.approx(1, abs=0.35)
    assert each(z) < norm.isf(FALSE_ALARM / 20)
    assert abs(deviations(found, 1.03 * T).mean()) > 4 / len(T) ** 0.5  # planted
    assert each(deviations(found, T[::-1])) > norm.isf(FALSE_ALARM / 20)  # planted: words in another order


def test_replicas_of_one_word_follow_their_own_laws(key):
    """2.6e5 replicas of alternating β = 0.3 and 0.5 from random starts.  Planted: the other half's law; 5 % in β."""
    neighbors, colors = cube()
    beta = jnp.tile(jnp.array([0.3, 0.5]), 2**17).reshape(1, -1, 32)
    start = random_start(key, 8)
    s = run(key, start, neighbors, colors, no_signs(neighbors), beta, 60, Multispin(24))[0]
    for half, of in ((s[::2], 0.3), (s[1::2], 0.5)):
        p = [p_value(half, boltzmann(one, neighbors, no_signs(neighbors))) for one in (of, 0.8 - of, 1.05 * of)]
        assert p[0] > FALSE_ALARM
        assert max(p[1:]) < FALSE_ALARM


def test_digits_of_32_probabilities():
    """Bit r of the words is p_r, too small by less than 2^-K."""
    p = np.random.default_rng(0).random((2, 3, 32))
    digits = np.asarray(mixed_digits(jnp.asarray(p), 24).digits)[..., 0]
    bits = (digits[..., None] >> np.arange(32, dtype=np.uint32)) & 1
    off = p - np.tensordot(2.0 ** -np.arange(1, 25), bits, 1)
    assert (off >= 0).all()
    assert (off < 2.0**-24).all()


def test_several_chains_at_one_temperature_are_refused():
    with pytest.raises(InputError, match="one chain at each of 3"):
        sample(0, Ising((L, L)), [1.0, 2.0, 3.0], method=PackedTemperatures(Ising((L, L)), 3), samples=2, chains=2)
