# SPDX-License-Identifier: Apache-2.0
"""Arrays in memory are read as files are: the same configurations, the same line, the same refusals; and the key."""

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from isinglass import Result, approximate, infer, sample
from isinglass.data.arrays import from_arrays
from isinglass.data.files import read
from isinglass.data.role import Stated
from isinglass.errors import InputError
from isinglass.tasks.find import known_settings
from isinglass.tasks.setting.given_arrays import with_configurations

KNOWN = known_settings("infer")
T = np.repeat([1.5, 2.5, 3.5], 20)
CHAIN = np.tile(np.arange(4), 15)


@pytest.fixture(scope="module")
def x():
    """Spins that are the more alike the lower T is; nothing here looks at physics."""
    rng = np.random.default_rng(0)
    s = np.sign(rng.normal(size=(60, 1, 1)) + T[:, None, None] * rng.normal(size=(60, 6, 6)))
    return s.astype(np.int8)


def given(x, **settings):
    """The configurations that a task is given, and the settings that are left for it."""
    return with_configurations(x, settings, KNOWN)


def test_it_is_read_as_a_file_is(x, tmp_path):
    """Every field, and the line but for the name of the file."""
    np.savez(tmp_path / "file.npz", configurations=x, temperature=T, chain=CHAIN)
    stored = read(tmp_path / "file.npz")
    found, left = given(x, temperature=T, chain=CHAIN, preset="smoke")
    assert left == {"preset": "smoke"}
    for name in ("x", "parameter", "chain", "energy"):
        np.testing.assert_array_equal(getattr(found, name), getattr(stored, name))
    assert (found.kind, found.boundary, found.parameter_name) == ("ising", stored.boundary, "temperature")
    assert found.source == stored.source.replace("file.npz", "arrays")


WAYS = {
    "JAX": lambda x: given(jnp.asarray(x), temperature=jnp.asarray(T), chain=CHAIN),
    "lists": lambda x: given(x.tolist(), temperature=T.tolist(), chain=CHAIN.tolist()),
    "by name": lambda x: given({"spins": x, "T": T, "chain": CHAIN}),
    "a DataArray": lambda x: given(
        xr.DataArray(x, dims=("n", "i", "j"), coords={"T": ("n", T), "chain": ("n", CHAIN)})
    ),
    "a Dataset": lambda x: given(xr.Dataset({"s": (("n", "i", "j"), x), "T": ("n", T), "chain": ("n", CHAIN)})),
    "numbers 0 and 1": lambda x: given((x + 1) // 2, temperature=T, chain=CHAIN),
    "flat": lambda x: given(x.reshape(60, 36), temperature=T, chain=CHAIN, shape=(6, 6)),
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_give_the_same(way, x):
    found, left = WAYS[way](x)
    assert left == {}
    np.testing.assert_array_equal(found.x, x)
    np.testing.assert_array_equal(found.parameter, T)
    np.testing.assert_array_equal(found.chain, CHAIN)
    assert found.parameter_name == "temperature"


def test_other_parameters(x):
    found, _ = given(x, beta=1 / T)
    assert found.parameter_name == "beta"
    found, _ = given(x, coupling=1 / T)
    assert found.parameter_name == "coupling"
    found, _ = given({"x": x, "p": T, "g": 1 / T}, parameter="g")
    np.testing.assert_array_equal(found.parameter, 1 / T)


def test_what_is_said_counts_and_settings_stay(x):
    found, left = given(x, temperature=T, boundary="open", kind="real")
    assert (found.boundary, found.kind) == ("open", "real")
    _, left = given(x, temperature=T, boundary=2.0)  # the boundary between two phases
    assert left == {"boundary": 2.0}
    result = Result("r")
    assert given(result, draws=3) == (result, {"draws": 3})


def test_lattice_sizes(x):
    found, _ = given({6: x, 4: x[:, :4, :4]}, temperature={6: T, 4: T})
    assert {L: c.shape for L, c in found.items()} == {6: (6, 6), 4: (4, 4)}
    assert found[4].source.startswith("L = 4: 60 configurations of 4 x 4")
    again, _ = given({6: x, 4: x[:, :4, :4]}, temperature=T)
    np.testing.assert_array_equal(again[4].parameter, T)


REFUSED = {
    "no temperature": (lambda x: infer(0, x), "temperature=T, one number for each of the 60"),
    "one temperature": (lambda x: infer(0, x, temperature=2.0), "another parameter of a scan"),
    "a short one": (lambda x: infer(0, x, temperature=T[:9]), r"one temperature for each.*\[9\]"),
    "not a number": (lambda x: infer(0, x, temperature=np.where(T > 3, np.nan, T)), "finite numbers in 'temperature'"),
    "words": (lambda x: infer(0, np.array([["up"]] * 60), temperature=T), "array of numbers.*<U2"),
    "ragged": (lambda x: infer(0, [[1, -1], [1]], temperature=[1, 2]), "same length"),
    "objects": (lambda x: infer(0, np.array([None] * 60), temperature=T), "of object"),
    "nothing": (lambda x: infer(0, x[:0], temperature=T[:0]), "above 0"),
    "a kind": (lambda x: infer(0, x, temperature=T, kind="spins"), "ising, potts"),
    "a boundary": (lambda x: infer(0, x, temperature=T, boundary="closed"), "periodic, open"),
    "misspelt": (lambda x: infer(0, x, temprature=T), "did you mean temperature"),
    "chains": (lambda x: infer(0, x, temperature=T, chain=CHAIN[1:]), "one chain for each"),
    "axes": (lambda x: infer(0, x, temperature=T, axes="row site"), "row site site"),
    "a size": (lambda x: infer(0, {6: x, 4: x[:, :4, :4]}, temperature={6: T}), "for L = 4"),
    "no array": (lambda x: infer(0, {"T": T}), "an array of configurations"),
    "no key": (lambda x: infer(x, temperature=T), r"a random key before the problem.*write infer\(0"),
    "no key, by place": (lambda x: infer(x, T), "a random key.*found ndarray.*the key first"),
    "key last": (lambda x: approximate(x, 0), "the key first"),
    "key last in sample": (lambda x: sample(lambda x: x, 0), "found function.*the key first"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_line(name, x):
    call, words = REFUSED[name]
    with pytest.raises(InputError, match=words) as found:
        call(x)
    assert "\n" not in str(found.value)


def test_a_planted_mistake_is_seen(x):
    """Temperatures of another order are other data."""
    found = from_arrays(x, {"temperature": T[::-1]}, Stated())
    assert not np.array_equal(found.parameter, T)


@pytest.mark.slow
def test_the_answer_is_that_of_the_result():
    """`infer` of a result and of its arrays: the same numbers."""
    from isinglass.systems import Ising

    r = sample(0, Ising((8, 8)), np.linspace(1.6, 3.2, 7), samples=64, chains=16)
    arrays = [r.arrays[name].to_numpy() for name in ("configurations", "temperature", "chain")]
    one, other = infer(1, r, ask=False), infer(1, arrays[0], temperature=arrays[1], chain=arrays[2], ask=False)
    assert other.estimates["critical_temperature"] == one.estimates["critical_temperature"]
    assert other.notes[0].startswith("Read arrays: 448 configurations of 8 x 8, Ising spins")
