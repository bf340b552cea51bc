# SPDX-License-Identifier: Apache-2.0
"""One law, all autoregressive densities: causal to the bit, normalized by enumeration, drawn as they say they draw."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks.causality import causality, dependence
from isinglass.checks.generative import normalized_by_enumeration, symmetric_density
from isinglass.exact.lattice.enumeration import configurations
from isinglass.nets.autoregressive.autoregressive import numbers_of, values_of
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.nets.autoregressive.front import Front
from isinglass.nets.autoregressive.group_average import GroupAverage
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.pixel_cnn import PixelCNN
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.autoregressive.visit import known_neighbors, visiting_order
from isinglass.run.model_file import load_generator, save_model
from isinglass.stats.goodness_of_fit import chi_square

NETWORKS = {
    "dense": lambda key, **s: MaskedDense(key=key, hidden=2, layers=2, **s),
    "dense snake": lambda key, **s: MaskedDense(key=key, hidden=2, order="snake", **s),
    "front": lambda key, **s: Front(key=key, hidden=4, even=False, **s),
    "pixel": lambda key, **s: PixelCNN(key=key, width=4, layers=4, **s),
    "pixel wide": lambda key, **s: PixelCNN(key=key, width=4, layers=2, kernel=5, **s),
    "gru": lambda key, **s: Recurrent(key=key, hidden=6, **s),
    "lstm snake": lambda key, **s: Recurrent(key=key, hidden=6, unit="lstm", order="snake", **s),
    "transformer": lambda key, **s: CausalTransformer(key=key, width=8, heads=2, **s),
}
LATTICES = {
    "ising": {"shape": (4, 4), "values": (-1, 1)},
    "potts": {"shape": (2, 3), "values": (0, 1, 2)},
    "gauge": {"shape": (2, 2, 2), "values": (-1, 1)},
    "chain": {"shape": (7,), "values": (-1, 1)},
}


LONG = ("dense snake", "pixel wide", "lstm snake", "gauge", "chain")
names = lambda of: [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in of]  # noqa: E731


def made(name, lattice="ising", seed=0):
    """A network whose weights are all at work: random where its constructor has zeros."""

    @jax.jit
    def build(key):
        key_net, key_noise = jax.random.split(key)
        params, static = eqx.partition(NETWORKS[name](key_net, **LATTICES[lattice]), eqx.is_array)
        leaves, tree = jax.tree.flatten(params)
        keys = jax.random.split(key_noise, len(leaves))
        add = lambda k, leaf: leaf + 0.3 * jax.random.normal(k, leaf.shape, leaf.dtype)  # noqa: E731
        built.append(static)
        return tree.unflatten(map(add, keys, leaves))

    built = []
    params = build(jax.random.key(seed))
    return eqx.combine(params, built[0])


def states(lattice):
    """All configurations."""
    shape, values = LATTICES[lattice]["shape"], LATTICES[lattice]["values"]
    digits = np.concatenate(list(configurations(int(np.prod(shape)), len(values)))).reshape(-1, *shape)
    return np.asarray(values, np.int8)[digits]


def some(net, n=2):
    """A few numbers of values."""
    return jax.random.randint(jax.random.key(5), (n, net.size), 0, len(net.values), jnp.int32)


@pytest.mark.parametrize("name", names(NETWORKS))
def test_no_conditional_sees_what_comes_later_and_all_see_what_came_before(name):
    net = made(name)
    D = dependence(net.logits, some(net), 2)
    assert not np.triu(D).any()
    earlier = np.tril_indices(net.size, -1)
    front = (earlier[1] >= earlier[0] - 4) | (earlier[1] < 4)  # the newest of each column, and the first row
    assert np.array_equal(D[earlier] > 0, front if name == "front" else np.ones(len(front), bool))  # no blind spot
    assert causality(net.logits, some(net), 2).verdict == "pass"


@pytest.mark.parametrize("name", ["pixel", "transformer"])
def test_a_leaked_future_variable_is_caught(name):
    net = made(name)

    def leaking(a):  # planted: conditional 5 sees pixel 9, a little
        leak = 1e-6 * a[9].astype(jnp.float32)
        return net.logits(a).at[5, 0].add(leak)

    check = causality(leaking, some(net), 2)
    assert check.verdict == "fail"
    assert "number 5 changes with number 9" in check.law


def test_a_blind_spot_is_seen():
    """Planted: a PixelCNN whose vertical stack is cut off: what is above to the right is lost."""
    net = made("pixel")
    blind = eqx.tree_at(lambda n: (n.first.cross, n.stack.cross, n.field.weight), net, replace_fn=jnp.zeros_like)
    D = dependence(blind.logits, some(blind), 2)
    assert D[10, 7] == 0.0
    assert dependence(net.logits, some(net), 2)[10, 7] > 0


OTHERS = [pytest.param(n, marks=pytest.mark.slow) for n in LATTICES if n != "potts"]


@pytest.mark.parametrize("lattice", ["potts", *OTHERS])
@pytest.mark.parametrize("name", names(NETWORKS))
def test_probabilities_of_all_states_sum_to_one(name, lattice):
    net = made(name, lattice)
    assert normalized_by_enumeration(net.log_prob, states(lattice)).verdict == "pass"


def test_probabilities_that_do_not_sum_to_one_are_seen():
    net = made("dense", "chain")

    def leaking(x):  # planted: the first variable is known in advance, with what it would be given itself
        a = numbers_of(x, net.values).reshape(-1)
        log_q = jax.nn.log_softmax(net.logits(a).at[0, 0].add(0.01 * a[0].astype(jnp.float32)))
        return jnp.sum(jnp.take_along_axis(log_q, a[:, None], axis=1))

    assert normalized_by_enumeration(leaking, states("chain")).verdict == "fail"


@eqx.filter_jit
def drawn(net, key, n):
    """Draws with the cached state."""
    return net.sample_with_log_prob(key, n)


@eqx.filter_jit
def drawn_again(net, key):
    """One draw by evaluating the whole network anew for each variable: the same random numbers, no carried state."""
    noise = jax.random.gumbel(key, (net.size, len(net.values)), jnp.float32)

    def one(a, inputs):
        i, g = inputs
        return a.at[i].set(jnp.argmax(net.logits(a)[i] + g).astype(jnp.int32)), None

    a, _ = jax.lax.scan(one, jnp.zeros(net.size, jnp.int32), (jnp.arange(net.size), noise))
    return values_of(a[np.argsort(net.path)], net.values).reshape(net.shape)


@pytest.mark.parametrize("lattice", names(["potts", "gauge"]))
@pytest.mark.parametrize("name", names(NETWORKS))
def test_carried_state_draws_what_evaluation_anew_draws(name, lattice):
    net, key = made(name, lattice), jax.random.key(7)
    x, log_q = drawn(net, key, 64)
    anew = jax.vmap(lambda k: drawn_again(net, k))(jax.random.split(key, 64))
    assert np.array_equal(x, anew)
    assert np.allclose(log_q, jax.vmap(net.log_prob)(x), atol=1e-4)


def chi_square_p(counts, p):
    """p-value of the counts."""
    return float(chi_square(jnp.asarray(counts), jnp.asarray(p)).p_value)


@pytest.mark.slow
@pytest.mark.parametrize("name", names(NETWORKS))
def test_draws_follow_their_probability(name):
    """729 states, 20 000 draws: false alarm 1e-4; sees one value of the first variable with half too much weight."""
    net = made(name, "potts")
    x, _ = drawn(net, jax.random.key(3), 20_000)
    every = states("potts")
    place = 3 ** np.arange(6)
    counts = np.bincount(np.asarray(x, int).reshape(-1, 6) @ place, minlength=729)
    p = np.exp(np.asarray(jax.lax.map(net.log_prob, jnp.asarray(every), batch_size=729), float))
    assert chi_square_p(counts, p) > 1e-4
    tilted = p * np.where(every.reshape(-1, 6)[:, 0] == 0, 1.5, 1.0)  # planted: half too much for one value
    assert chi_square_p(counts, tilted / tilted.sum()) < 1e-4


@pytest.mark.slow
def test_networks_come_back_from_disk(tmp_path):
    nets = {name: made(name, "gauge") for name in NETWORKS}
    averaged = {"averaged": GroupAverage(made("pixel"), ("sign", "flips"))}
    save_model(tmp_path, nets | averaged)
    from isinglass.run.model_file import load_model

    loaded = load_model(tmp_path)
    assert bool(eqx.tree_equal(nets | averaged, loaded))
    save_model(tmp_path, nets["gru"])
    with pytest.raises(ValueError, match=r"found one for \(2, 2, 2\)"):
        load_generator(tmp_path, (4, 4))


GROUPS = {
    "sign": [lambda x: -x],
    "flips": [lambda x: jnp.flip(x, 0), lambda x: jnp.flip(x, 1)],
    "transpose": [lambda x: x.T],
    "translations": [lambda x: jnp.roll(x, 1, 0), lambda x: jnp.roll(x, 3, 1)],
}


@pytest.mark.slow
@pytest.mark.parametrize("group", [("sign",), ("sign", "flips", "transpose"), ("translations", "flips")])
def test_average_over_a_group_is_symmetric_and_sums_to_one(group):
    averaged = GroupAverage(made("dense"), group)
    x = np.asarray(jax.random.rademacher(jax.random.key(1), (16, 4, 4), jnp.int8))
    actions = [action for name in group for action in GROUPS[name]]
    assert symmetric_density(averaged.log_prob, x, actions, name="its group").verdict == "pass"
    planted = symmetric_density(averaged.density.log_prob, x, actions, name="its group")
    assert planted.verdict == "fail"
    assert len(averaged.elements()) == len({repr(image.tolist()) for image in images(averaged)})


def images(averaged):
    """Of a configuration without symmetry."""
    x = jnp.asarray(np.random.default_rng(1).permutation(16).reshape(4, 4) + 1, jnp.int32)
    return np.asarray(jax.vmap(averaged.act, in_axes=(0, None))(averaged.elements(), x))


def test_sign_average_is_even_to_the_bit_normalized_and_drawn_as_it_says(key):
    averaged = GroupAverage(made("gru", "chain"))
    every = states("chain")
    log_q = np.asarray(jax.jit(jax.vmap(averaged.log_prob))(jnp.asarray(every)), float)
    assert np.array_equal(log_q, log_q[::-1])  # state number 2^N - 1 - n is the mirror image of number n
    assert abs(np.exp(log_q).sum() - 1) < 1e-5
    x, found = drawn(averaged, key, 20_000)
    number = (np.asarray(x, int) > 0) @ 2 ** np.arange(7)
    assert np.allclose(found, log_q[number], atol=1e-5)
    assert chi_square_p(np.bincount(number, minlength=128), np.exp(log_q)) > 1e-4


def test_an_even_front_network_is_even_to_the_bit():
    even = Front(key=jax.random.key(0), shape=(2, 4), hidden=4)
    even = jax.tree.map(lambda leaf: leaf + 0.3, even)
    every = np.concatenate(list(configurations(8))).reshape(-1, 2, 4) * np.int8(2) - np.int8(1)
    log_q = np.asarray(jax.jit(jax.vmap(even.log_prob))(jnp.asarray(every)))
    assert np.array_equal(log_q, log_q[::-1])
    assert abs(np.exp(log_q.astype(float)).sum() - 1) < 1e-5
    odd = np.asarray(jax.jit(jax.vmap(made("front", "gauge").log_prob))(jnp.asarray(every.reshape(-1, 2, 2, 2))))
    assert not np.allclose(odd, odd[::-1], atol=1e-2)  # with constants it is not
    with pytest.raises(ValueError, match="even=False"):
        Front(key=jax.random.key(0), shape=(4, 4), values=(0, 1, 2))


def test_snake_walks_from_neighbor_to_neighbor():
    for shape in ((4, 6), (3, 4, 5), (9,)):
        path = visiting_order(shape, "snake")
        assert sorted(path) == list(range(int(np.prod(shape))))
        steps = np.abs(np.diff(np.stack(np.unravel_index(path, shape)), axis=1)).sum(axis=0)
        assert (steps == 1).all()
    raster = np.stack(np.unravel_index(visiting_order((4, 6), "raster"), (4, 6)))
    assert not (np.abs(np.diff(raster, axis=1)).sum(axis=0) == 1).all()
    with pytest.raises(ValueError, match="snake"):
        visiting_order((4, 4), "spiral")


def test_neighbors_that_are_known_come_earlier():
    near = known_neighbors((4, 4), "raster")
    assert (near[0] == 16).all()
    assert set(near[5]) == {4, 1, 16}  # left and above
    assert set(near[15]) == {14, 11, 3, 12}  # and around the torus, the first row and the first column


@pytest.mark.parametrize("bad", [{"order": "spiral"}, {"unit": "rnn"}])
def test_settings_that_are_none_are_refused(key, bad):
    with pytest.raises(ValueError, match="expected"):
        Recurrent(key=key, shape=(4, 4), **bad)
