# SPDX-License-Identifier: Apache-2.0
"""Networks come back bit for bit; damaged or foreign files are refused in one line, other packages are not imported."""

import json
import stat
import sys
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.nets.classifier.autoencoder import Autoencoder
from isinglass.nets.classifier.periodic_cnn import PeriodicCNN
from isinglass.nets.classifier.vae import VAE
from isinglass.nets.layer.encode import Encoded, Encoding
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.layer.symmetrized import Symmetrized
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.run.class_name import class_of, name_of
from isinglass.run.model_file import load_model, save_model, save_models
from isinglass.sampling.chain.metropolis import Metropolis


@eqx.filter_jit
def all_networks(key):
    cnn = PeriodicCNN(key=key, in_channels=3, channels=(4,), out=2, batch_norm=True, dropout=0.1)
    return {
        "mlp": MLP(key=key, in_shape=(4, 4), out=2, batch_norm=True),
        "cnn": Encoded(cnn, Encoding("potts", 3)),
        "flat": PeriodicCNN(key=key, channels=(4,), out=2, pool=None, lattice=(4, 4)),
        "symmetric": Symmetrized(MLP(key=key, in_shape=(4, 4), out=2, dtype="float64")),
        "autoencoder": Autoencoder(key=key, in_shape=(4, 4)),
        "vae": VAE(key=key, in_shape=(4, 4)),
        "rbm": RBM(key=key, n_sites=5, alpha=2, dtype="complex128"),
        "ensemble": eqx.filter_vmap(lambda key: MLP(key=key, in_shape=4, out=2))(jax.random.split(key, 3)),
    }


def test_networks_come_back_bit_for_bit(key, tmp_path):
    nets = all_networks(key)
    save_model(tmp_path, nets)
    loaded = load_model(tmp_path)
    same = eqx.tree_equal(eqx.nn.inference_mode(nets), loaded)
    assert bool(same)
    x = jax.random.randint(key, (4, 4), 0, 3, jnp.int8)
    assert np.array_equal(eqx.filter_jit(eqx.nn.inference_mode(nets["cnn"]))(x), eqx.filter_jit(loaded["cnn"])(x))
    changed = loaded | {"mlp": jax.tree.map(jnp.zeros_like, loaded["mlp"])}  # planted: other weights
    assert not bool(eqx.tree_equal(eqx.nn.inference_mode(nets), changed))


def truncate(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def edit(folder, **change):
    path = folder / "model.json"
    document = json.loads(path.read_text())
    document["model"] |= change
    path.write_text(json.dumps(document))


DAMAGES = {
    "truncated": truncate,
    "pickled": lambda folder: (folder / "model.safetensors").write_bytes(b"\x80\x04K\x01."),
    "foreign": lambda folder: (folder / "model.json").write_text("[1, 2]"),
    "not json": lambda folder: (folder / "model.json").write_text("weights"),
    "missing": lambda folder: (folder / "model.json").unlink(),
    "class": lambda folder: edit(folder, **{"class": "os.system"}),
    "settings": lambda folder: edit(folder, settings={"in_shape": [5], "out": 2}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_refused_in_one_line(key, tmp_path, damage):
    save_model(tmp_path, MLP(key=key, in_shape=4, out=2))
    DAMAGES[damage](tmp_path)
    with pytest.raises(ValueError, match="expected a saved isinglass model") as caught:
        load_model(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_foreign_object_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected a network"):
        save_model(tmp_path, object())


class Own(eqx.Module):
    """Everything that a setting can be: arrays of each type, plain values, other Modules."""

    real: jax.Array
    complex: jax.Array
    integers: jax.Array
    half: jax.Array
    inner: tuple[MLP, dict[str, jax.Array]]
    names: list[str]
    rate: float
    label: str | None = eqx.field(static=True, default=None)
    table: np.ndarray | None = None


class Looks(eqx.Module):
    """A constructor that looks at the numbers: it cannot be traced."""

    width: jax.Array

    def __check_init__(self):
        if float(self.width.min()) <= 0:
            raise ValueError("expected positive widths; found others; change the sign.")


class Forgetful(eqx.Module):
    """Its constructor's `n` is no field."""

    weights: jax.Array

    def __init__(self, n: int):
        self.weights = jnp.ones(n)


class Shadowed(eqx.Module):
    """Its constructor's `wide` is a method."""

    weights: jax.Array

    def __init__(self, wide: int = 1):
        self.weights = jnp.ones(wide)

    def wide(self):
        return self.weights


class Restless(eqx.Module):
    """Its constructor makes another network each time."""

    lock: object

    def __init__(self):
        self.lock = object()


class WithFunction(eqx.Module):
    f: Callable


def own(key):
    return Own(
        real=jnp.asarray([0.1, -0.0, 1e-320, jnp.inf]),
        complex=jnp.asarray([[1 + 2j], [3 - 4j]]),
        integers=jnp.asarray([1, -128], jnp.int8),
        half=jnp.asarray(0.1, jnp.float16),
        inner=(MLP(key=key, in_shape=2, out=1), {"a": jnp.zeros((2, 0), bool)}),
        names=["x", "y"],
        rate=0.1,
        table=np.arange(3),
    )


def same_bits(a, b) -> bool:
    pairs = list(zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))
    return jax.tree.structure(a) == jax.tree.structure(b) and all(
        np.asarray(x).dtype == np.asarray(y).dtype and np.asarray(x).tobytes() == np.asarray(y).tobytes()
        for x, y in pairs
    )


def test_an_own_class_comes_back_bit_for_bit(key, tmp_path):
    made = eqx.nn.inference_mode({"own": own(key), "looks": Looks(jnp.asarray([0.5, 2.0]))})
    save_model(tmp_path, made)
    loaded = load_model(tmp_path, allow=(__name__.partition(".")[0],))
    assert same_bits(loaded, made)
    assert type(loaded["own"].names) is list
    assert type(loaded["own"].table) is np.ndarray  # what a constructor may look at
    planted = eqx.tree_at(lambda m: m["own"].real, loaded, jnp.asarray([0.1, 0.0, 1e-320, jnp.inf]))  # -0.0 is not 0.0
    assert not same_bits(planted, made)


def test_files_are_for_everyone_to_read(key, tmp_path):
    save_model(tmp_path, MLP(key=key, in_shape=2, out=1))
    (tmp_path / "usual").write_text("")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (lambda: Forgetful(3), r"Forgetful.*'n'.*self\.n = n"),
        (lambda: Shadowed(2), r"Shadowed.*'wide'.*self\.wide = wide"),
        (Restless, "makes again"),
        (lambda: WithFunction(jnp.tanh), "found a "),
        (lambda: eqx.tree_at(lambda m: m.width, Looks(jnp.ones(1)), -jnp.ones(1)), "positive widths"),
        (lambda: {1: Looks(jnp.ones(1))}, "found a dict"),
        (lambda: {"key": jax.random.key(0)}, "of key<"),
        (lambda: {"short": jnp.ones(2, jnp.bfloat16)}, "bfloat16"),
    ],
)
def test_what_cannot_be_built_again_is_refused_at_once(model, why, tmp_path):
    with pytest.raises(InputError, match=why) as refusal:
        save_model(tmp_path, model())
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_a_class_inside_a_function_is_refused(tmp_path):
    class Hidden(eqx.Module):
        x: jax.Array

    with pytest.raises(InputError, match="top level"):
        save_model(tmp_path, Hidden(jnp.ones(1)))


def test_the_others_are_stored(key, tmp_path):
    (note,) = save_models(tmp_path, {"mlp": MLP(key=key, in_shape=2, out=1), "no": Forgetful(3)})
    assert note.startswith("the model 'no' (Forgetful) was not saved: expected a field for every parameter")
    assert set(load_model(tmp_path)) == {"mlp"}
    assert save_models(tmp_path / "none", {"no": Restless()})
    assert not (tmp_path / "none").exists()


def test_names_survive_a_move_where_they_can():
    assert name_of(MLP) == "isinglass:MLP"
    assert name_of(Own) == f"{__name__}:Own"
    assert class_of("isinglass:MLP") is MLP
    assert class_of(name_of(Metropolis)) is Metropolis


ATTACKS = [  # name, allow
    ("os:system", ()),
    ("os:system", ("os",)),
    ("isinglass.cli:main", ()),
    ("isinglass:dumps", ()),
    ("isinglass:InputError", ()),
    ("isinglass.run.class_name:eqx.nn.Linear", ()),
    ("isinglass.run.class_name:eqx.Module", ()),
    ("isinglass.nets.layer.mlp:MLP", ()),  # its name is another one
    ("isinglass_evil:Mlp", ()),
    ("isinglass.nowhere:Net", ()),
    ("isinglass..cli:main", ()),
    ("antigravity:Module", ()),
    ("antigravity:Module", ("antigravit",)),
    ("this.__main__:Net", ("this",)),
    ("isinglass:", ()),
    ("", ()),
    (":MLP", ()),
    (".:MLP", ("",)),
    (7, ()),
    (None, ()),
    (["isinglass:MLP"], ()),
]


@pytest.mark.parametrize(("name", "allow"), ATTACKS, ids=str)
def test_other_names_are_refused_and_nothing_is_imported(name, allow, key, tmp_path):
    """Only an equinox Module under its own name; `antigravity` would open a browser, `this` print a poem."""
    save_model(tmp_path, MLP(key=key, in_shape=4, out=2))
    edit(tmp_path, **{"class": name})
    with pytest.raises(ValueError, match="expected a saved isinglass model") as refusal:
        load_model(tmp_path, allow=allow)
    assert "\n" not in str(refusal.value)
    assert not {"antigravity", "this"} & set(sys.modules)


def test_the_refusal_says_how_to_allow(key, tmp_path):
    save_model(tmp_path, Looks(jnp.ones(1)))
    with pytest.raises(InputError, match=r"tests.*test_model_file:Looks.*allow=\('tests',\)"):
        load_model(tmp_path)
