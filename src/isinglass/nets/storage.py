# SPDX-License-Identifier: Apache-2.0
"""Networks on disk: arrays in `model.safetensors`, class and settings in `model.json`. Never pickle."""

import inspect
import json
import os
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from isinglass.nets.act_norm import ActNorm
from isinglass.nets.affine_coupling import AffineCoupling
from isinglass.nets.autoencoder import Autoencoder
from isinglass.nets.autoregressive_flow import MaskedAutoregressive
from isinglass.nets.circular_coupling import CircularCoupling, UniformAngles
from isinglass.nets.classifier import Classifier
from isinglass.nets.conditioner import DenseConditioner, LocalConditioner
from isinglass.nets.continuous_flow import ContinuousFlow, Transport
from isinglass.nets.density import StandardNormal
from isinglass.nets.encode import Encoded, Encoding
from isinglass.nets.flow import Chain, Flow, Inverted, Stacked
from isinglass.nets.fourier_scale import FourierScale
from isinglass.nets.gauge_flow import GaugeCoupling
from isinglass.nets.gauge_sweep import GaugeSweep
from isinglass.nets.glow import ChannelCoupling, InvertibleConvolution
from isinglass.nets.graph_velocity import GraphVelocity
from isinglass.nets.mean_free import MeanFreeNormal
from isinglass.nets.mlp import MLP
from isinglass.nets.pair_velocity import PairVelocity
from isinglass.nets.periodic_cnn import PeriodicCNN
from isinglass.nets.pooled_cnn import PooledCNN
from isinglass.nets.spline_coupling import SplineCoupling
from isinglass.nets.symmetrized import Symmetrized
from isinglass.nets.vae import VAE
from isinglass.nets.velocity import DenseVelocity

__all__ = ["load_generator", "load_model", "save_model"]

NETWORKS = (MLP, PeriodicCNN, PooledCNN, Autoencoder, VAE, Classifier, Encoding, Encoded, Symmetrized)
DENSITIES = (StandardNormal, UniformAngles, MeanFreeNormal, Flow, ContinuousFlow)
VELOCITIES = (DenseVelocity, PairVelocity, GraphVelocity)
BIJECTIONS = (Chain, Stacked, Inverted, ActNorm, FourierScale, InvertibleConvolution, MaskedAutoregressive, Transport)
COUPLINGS = (DenseConditioner, LocalConditioner, AffineCoupling, SplineCoupling, CircularCoupling, GaugeCoupling, GaugeSweep, ChannelCoupling)
CLASSES = {cls.__name__: cls for cls in (*NETWORKS, *DENSITIES, *BIJECTIONS, *COUPLINGS, *VELOCITIES)}
FORMAT = "isinglass-model-1"
PLAIN = (bool, int, float, str, type(None))


def save_model(folder: str | os.PathLike, model: Any) -> None:
    """Write a network, an ensemble of stacked ones, or a dict of these.  Law: load(save(f)) = f, every bit."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.ascontiguousarray(leaf) for name, leaf in named_arrays(model)}
    document = {"format": FORMAT, "model": describe(model), "arrays": sorted(arrays)}
    for name, write in (
        ("model.safetensors", lambda path: save_file(arrays, path)),
        ("model.json", lambda path: path.write_text(json.dumps(document, indent=1))),
    ):
        temporary = folder / f".{name}.new"
        write(temporary)
        os.replace(temporary, folder / name)


def load_model(folder: str | os.PathLike) -> Any:
    """What `save_model` wrote, in inference mode. A damaged or foreign file is a ValueError of one line."""
    folder = Path(folder)
    try:
        document = json.loads((folder / "model.json").read_text())
        arrays = load_file(folder / "model.safetensors")
    except FileNotFoundError as error:
        raise unreadable(folder, f"no {Path(error.filename or 'model.safetensors').name}") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise unreadable(folder, str(error).splitlines()[0]) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise unreadable(folder, "a model.json of another kind")
    try:
        skeleton = eqx.filter_eval_shape(build, document["model"])
        names = [name for name, _ in named_arrays(skeleton)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreadable(folder, f"settings that build no network ({str(error).splitlines()[0]})") from None
    if sorted(names) != sorted(arrays):
        raise unreadable(folder, f"arrays {sorted(set(names) ^ set(arrays))[:3]} in only one of the two files")
    for name, leaf in named_arrays(skeleton):
        array = arrays[name]
        if array.dtype != leaf.dtype or array.shape[array.ndim - leaf.ndim :] != leaf.shape:
            raise unreadable(folder, f"{name} of {array.dtype}{list(array.shape)}, not {leaf.dtype}{list(leaf.shape)}")
    filled = iter([jnp.asarray(arrays[name]) for name in names])
    return eqx.nn.inference_mode(jax.tree.map(lambda leaf: next(filled) if is_array(leaf) else leaf, skeleton))


def load_generator(folder: str | os.PathLike, shape: tuple[int, ...]) -> Any:
    """A saved flow or other generator of configurations of this shape; one of another shape is refused."""
    model = load_model(folder)
    found = tuple(model.shape) if hasattr(model, "shape") else None
    if found != tuple(shape):
        made_for = f"one for {found}" if found else f"a {type(model).__name__}, which draws nothing"
        raise ValueError(f"expected a model for the lattice {tuple(shape)} in {folder}; found {made_for}; train anew.")
    return model


def is_array(leaf: Any) -> bool:
    """An array, or the shape of one."""
    return eqx.is_array(leaf) or isinstance(leaf, jax.ShapeDtypeStruct)


def named_arrays(model: Any) -> list[tuple[str, Any]]:
    """(path in the tree, array) for every array."""
    return [(jax.tree_util.keystr(path), leaf) for path, leaf in jax.tree.leaves_with_path(model) if is_array(leaf)]


def setting_names(cls: type) -> list[str]:
    """What the constructor takes, apart from the random key: each is also a field of the same name."""
    return [name for name in inspect.signature(cls).parameters if name != "key"]


def describe(value: Any) -> Any:
    """A network as plain JSON: class name and constructor settings, nested."""
    if type(value) is dict:
        return {"dict": {name: describe(item) for name, item in value.items()}}
    if CLASSES.get(type(value).__name__) is type(value):
        settings = {name: describe(getattr(value, name)) for name in setting_names(type(value))}
        return {"class": type(value).__name__, "settings": settings}
    if isinstance(value, tuple):
        return [describe(item) for item in value]
    if isinstance(value, PLAIN):
        return value
    raise ValueError(
        f"expected a network of {', '.join(CLASSES)}; found {type(value).__name__}; save its parts instead."
    )


def build(value: Any) -> Any:
    """The network that `describe` described, with arbitrary weights."""
    if isinstance(value, list):
        return tuple(build(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {name: build(item) for name, item in value["dict"].items()}
    if value["class"] not in CLASSES:
        raise ValueError(f"expected a class among {', '.join(CLASSES)}; found {value['class']!r}")
    cls: Any = CLASSES[value["class"]]
    settings = {name: build(item) for name, item in value["settings"].items()}
    return cls(key=jax.random.key(0), **settings) if "key" in inspect.signature(cls).parameters else cls(**settings)


def unreadable(folder: Path, found: str) -> ValueError:
    """The one line about a model that cannot be loaded."""
    return ValueError(f"expected a saved isinglass model in {folder}; found {found}; restore a copy or train again.")
