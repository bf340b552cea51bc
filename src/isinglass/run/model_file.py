# SPDX-License-Identifier: Apache-2.0
"""Networks on disk: arrays in `model.safetensors`, class and settings in `model.json`. Never pickle."""

import importlib
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

__all__ = ["as_pairs", "from_pairs", "load_generator", "load_model", "save_model"]

PLACES = {  # class -> file; imported when it is met
    "ActNorm": "flow.act_norm",
    "AffineCoupling": "flow.affine_coupling",
    "Autoencoder": "classifier.autoencoder",
    "AutoregressiveSplines": "flow.autoregressive_splines",
    "AutoregressiveState": "wavefunction.autoregressive_state",
    "CausalTransformer": "autoregressive.causal_transformer",
    "CenteredGaussian": "diffusion.gaussian_reference",
    "Composition": "flow.flow",
    "ChannelCoupling": "flow.glow",
    "CharacterProjection": "wavefunction.character_projection",
    "CircularCoupling": "flow.circular_coupling",
    "Classifier": "classifier.classifier",
    "ContinuousFlow": "transport.continuous_flow",
    "Denoiser": "diffusion.denoiser",
    "DenseConditioner": "layer.conditioner",
    "DenseVelocity": "transport.velocity",
    "Diffusion": "diffusion.diffusion",
    "Discrete": "diffusion.noise_schedule",
    "Encoded": "layer.encode",
    "Encoding": "layer.encode",
    "Flow": "flow.flow",
    "FoundationState": "wavefunction.foundation_state",
    "FourierScale": "flow.fourier_scale",
    "Front": "autoregressive.front",
    "GaugeCoupling": "flow.gauge_flow",
    "GaugeSweep": "flow.gauge_sweep",
    "GraphVelocity": "transport.graph_velocity",
    "GroupAverage": "autoregressive.group_average",
    "GroupConvolution": "wavefunction.group_convolution",
    "InternalCoordinates": "flow.molecule",
    "Inverted": "flow.flow",
    "InvertibleConvolution": "flow.glow",
    "IsotropicGaussian": "diffusion.gaussian_reference",
    "Jastrow": "wavefunction.jastrow",
    "LocalConditioner": "layer.conditioner",
    "MLP": "layer.mlp",
    "MaskedAutoregressive": "flow.autoregressive_flow",
    "MaskedDense": "autoregressive.masked_dense",
    "MatrixProductState": "wavefunction.matrix_product_state",
    "MeanField": "wavefunction.mean_field",
    "MeanFreeNormal": "transport.mean_free",
    "ModulusPhase": "wavefunction.modulus_phase",
    "Molecule": "flow.molecule",
    "PairVelocity": "transport.pair_velocity",
    "PeriodicCNN": "classifier.periodic_cnn",
    "PixelCNN": "autoregressive.pixel_cnn",
    "PooledCNN": "classifier.pooled_cnn",
    "ProbabilityFlow": "diffusion.diffusion",
    "ProductState": "wavefunction.product_state",
    "RBM": "wavefunction.rbm",
    "Recurrent": "autoregressive.recurrent",
    "ResidualCNN": "wavefunction.residual_cnn",
    "ScoreField": "diffusion.score_field",
    "ScoreMLP": "diffusion.score_mlp",
    "ScoreParticles": "diffusion.score_particles",
    "SlaterDeterminant": "wavefunction.slater",
    "SpectralGaussian": "diffusion.gaussian_reference",
    "SplineCoupling": "flow.spline_coupling",
    "Stacked": "flow.flow",
    "StandardNormal": "density",
    "SymmetricRBM": "wavefunction.symmetric_rbm",
    "Symmetrized": "layer.symmetrized",
    "Transport": "transport.continuous_flow",
    "UniformAngles": "flow.circular_coupling",
    "VAE": "classifier.vae",
    "VarianceExploding": "diffusion.noise_schedule",
    "VariancePreserving": "diffusion.noise_schedule",
    "VisionTransformer": "wavefunction.vision_transformer",
}
FORMAT = "isinglass-model-1"
PLAIN = (bool, int, float, str, type(None))


def save_model(folder: str | os.PathLike, model: Any) -> None:
    """Write a network, an ensemble of stacked ones, or a dict of these.  Law: load(save(f)) = f, every bit."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: as_pairs(np.array(leaf, order="C")) for name, leaf in named_arrays(model)}
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
        array = arrays[name] = from_pairs(arrays[name], leaf.dtype)
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


def as_pairs(array: np.ndarray) -> np.ndarray:
    """Complex numbers as (real, imaginary) along a last axis, since files know none; others as they are."""
    return np.stack([np.real(array), np.imag(array)], axis=-1) if np.iscomplexobj(array) else array


def from_pairs(array: np.ndarray, dtype: Any) -> np.ndarray:
    """What `as_pairs` was given, where `dtype` is complex."""
    if not jnp.issubdtype(dtype, jnp.complexfloating) or array.shape[-1:] != (2,):
        return array
    pairs = np.ascontiguousarray(array)
    return pairs.view(np.result_type(array.dtype, np.complex64))[..., 0]


def class_of(name: str) -> Any:
    """The class of a name in the table, and of no other."""
    return getattr(importlib.import_module(f"isinglass.nets.{PLACES[name]}"), name)


def is_ours(value: Any) -> bool:
    """An instance of one of the classes in the table?"""
    name = type(value).__name__
    return name in PLACES and type(value).__module__ == f"isinglass.nets.{PLACES[name]}"


def setting_names(cls: type) -> list[str]:
    """What the constructor takes, apart from the random key: each is also a field of the same name."""
    return [name for name in inspect.signature(cls).parameters if name != "key"]


def describe(value: Any) -> Any:
    """A network as plain JSON: class name and constructor settings, nested."""
    if type(value) is dict:
        return {"dict": {name: describe(item) for name, item in value.items()}}
    if is_ours(value):
        settings = {name: describe(getattr(value, name)) for name in setting_names(type(value))}
        return {"class": type(value).__name__, "settings": settings}
    if isinstance(value, tuple):
        return [describe(item) for item in value]
    if isinstance(value, PLAIN):
        return value
    raise ValueError(
        f"expected a network of {', '.join(PLACES)}; found {type(value).__name__}; save its parts instead."
    )


def build(value: Any) -> Any:
    """The network that `describe` described, with arbitrary weights."""
    if isinstance(value, list):
        return tuple(build(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {name: build(item) for name, item in value["dict"].items()}
    if value["class"] not in PLACES:
        raise ValueError(f"expected a class among {', '.join(PLACES)}; found {value['class']!r}")
    cls = class_of(value["class"])
    settings = {name: build(item) for name, item in value["settings"].items()}
    return cls(key=jax.random.key(0), **settings) if "key" in inspect.signature(cls).parameters else cls(**settings)


def unreadable(folder: Path, found: str) -> ValueError:
    """The one line about a model that cannot be loaded."""
    return ValueError(f"expected a saved isinglass model in {folder}; found {found}; restore a copy or train again.")
