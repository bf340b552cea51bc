# SPDX-License-Identifier: Apache-2.0
"""Networks come back bit for bit; damaged or foreign files are refused in one line."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.classifier.autoencoder import Autoencoder
from isinglass.nets.classifier.periodic_cnn import PeriodicCNN
from isinglass.nets.classifier.vae import VAE
from isinglass.nets.layer.encode import Encoded, Encoding
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.layer.symmetrized import Symmetrized
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.run.model_file import load_model, save_model


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
