# SPDX-License-Identifier: Apache-2.0
"""A model file of mace-torch: what of it is the network of ours, and what is refused, by name."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import data, nets
from isinglass.data.torch.pickled import PickledObject
from isinglass.data.torch.torch_file import TorchModule
from isinglass.errors import InputError

if TYPE_CHECKING:
    from isinglass.nets.equivariant.mace_torch import TorchMace, TorchMaceLayer, TorchMaceRadial, TorchMaceRepulsion
    from isinglass.nets.equivariant.scaled_potential import ScaledPotential

__all__ = ["read_mace_torch"]

MODELS = ("MACE", "ScaleShiftMACE")
LAYERS = {  # interaction -> whether it is residual, whether messages are divided by a density
    "RealAgnosticInteractionBlock": (False, False),
    "RealAgnosticResidualInteractionBlock": (True, False),
    "RealAgnosticDensityInteractionBlock": (False, True),
    "RealAgnosticDensityResidualInteractionBlock": (True, True),
}
LINEAR = ("Linear", "FullyConnectedTensorProduct")
OTHERS = "train or choose a model of the kinds MACE or ScaleShiftMACE without it"
NUMBERS = range(1, 119)
L_MOST, FACTORS_MOST = 4, 4  # of messages, and of their products: more of them take minutes to work out


def read_mace_torch(
    path: str | Path, numbers: Sequence[int] | np.ndarray | None = None, head: str | None = None
) -> "ScaledPotential":
    """The potential in a file that mace-torch saved, without PyTorch; nothing in the file is run.

    `numbers`: the elements that are kept, by default all; `head`: of a model with several.
    Law: energies to 1e-5 eV as mace-torch.  Errors: InputError for what is no such file, and for what is not supported.
    """
    file = data.torch.read_torch(path)
    stateless = not isinstance(file.root, PickledObject) or not isinstance(file.root.state, dict)
    if stateless or file.root.name == "collections.OrderedDict":
        weights = isinstance(file.root, dict | PickledObject)
        held = "weights alone, as of a checkpoint" if weights else type(file.root).__name__
        fix = "save the model itself: torch.save(model, 'my.model')"
        raise InputError("a whole model of mace-torch", f"{file.name}, {held}", fix)
    try:
        model = described(TorchModule(file, file.root), head)
        kept = known(model.numbers, numbers)
        return nets.equivariant.mace_torch.converted(model, kept)
    except InputError:
        raise
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError) as error:
        reason = (str(error).splitlines() or [""])[0][:100] or type(error).__name__
        expected = "a model of mace-torch whose parts fit together"
        raise InputError(expected, f"{file.name}, {reason}", "save the model again") from None


def known(here: tuple[int, ...], numbers: Sequence[int] | np.ndarray | None) -> list[int] | None:
    """The elements that are asked for, sorted.  Errors: InputError where the model lacks one."""
    if numbers is None:
        return None
    wanted = sorted({int(z) for z in numbers})
    if missing := sorted(set(wanted) - set(here)):
        expected = f"elements among the atomic numbers {', '.join(map(str, here))}"
        raise InputError(expected, ", ".join(map(str, missing)), "use a potential that knows them")
    return wanted


def described(model: TorchModule, head: str | None) -> "TorchMace":
    """All of it.  Errors: InputError naming what is not supported."""
    refuse_others(model)
    numbers = tuple(int(z) for z in model.array("atomic_numbers").reshape(-1))
    if not numbers or sorted(set(numbers)) != sorted(numbers) or not set(numbers) <= set(NUMBERS):
        raise InputError("different atomic numbers from 1 to 118", str(numbers)[:60], "choose another model")
    C, L_max, l_max = sizes(model)
    embedding, E0 = weight(model.module("node_embedding.linear")), model.module("atomic_energies_fn")
    E0 = np.atleast_2d(np.asarray(E0.array("atomic_energies"), float))
    if embedding.size != C * len(numbers) or E0.shape[1] != len(numbers):
        expected = f"{C} channels and an energy of each of {len(numbers)} elements"
        raise InputError(expected, f"{embedding.size} weights and {E0.size} energies", "save the model again")
    chosen, heads = head_of(model, head)
    layers = tuple(layer(model, k, C, chosen, heads) for k in range(len(model.children("interactions"))))
    scale, shift = 1.0, 0.0
    if model.kind == "ScaleShiftMACE":
        both = (np.atleast_1d(model.module("scale_shift").array(name)) for name in ("scale", "shift"))
        scale, shift = (float(x[chosen if len(x) > 1 else 0]) for x in both)
    return nets.equivariant.mace_torch.TorchMace(
        numbers, model.number("r_max"), C, L_max, l_max, embedding,
        layers, last_readout(model, len(layers), chosen, heads), E0[chosen if len(E0) > 1 else 0].reshape(-1),
        scale, shift, radial(model), repulsion(model), radii(model, numbers),
    )  # fmt: skip


def sizes(model: TorchModule) -> tuple[int, int, int]:
    """Channels, L_max of what atoms hold, l_max of messages.  Errors: InputError for parts of another kind."""
    interactions = model.children("interactions")
    edges = irreps(interactions[0], "edge_attrs_irreps")
    C = irreps(interactions[0], "node_feats_irreps")[0][0]
    held = irreps(interactions[1], "node_feats_irreps") if len(interactions) > 1 else [(C, 0, 1)]
    for found, width in ((held, C), (edges, 1)):
        if found != [(width, l, (-1) ** l) for l in range(len(found))] or len(found) > L_MOST + 1:  # noqa: E741
            expected = f"parts l = 0, 1, ... up to {L_MOST}, as many channels of each, of the parity (-1)^l"
            raise InputError(expected, f"{written(found)} in {model.file.name}", OTHERS)
    return C, len(held) - 1, len(edges) - 1


def refuse_others(model: TorchModule) -> None:
    """Errors: InputError for models, layers and options that are not converted."""
    if model.kind not in MODELS:
        expected = f"a model of mace-torch, {' or '.join(MODELS)}"
        raise InputError(expected, f"{model.kind} in {model.file.name}", "name another file")
    said = [name for name in ("use_so3", "joint_embedding", "embedding_readout", "edge_irreps", "lammps_mliap")
            if model.value(name, None) not in (None, False)]  # fmt: skip
    waves = model.module("radial_embedding")
    if not (model.value("apply_cutoff", True) and waves.value("apply_cutoff", True)):  # noqa: FBT003
        said.append("apply_cutoff=False")
    if not waves.module("bessel_fn").has("bessel_weights"):
        said.append(waves.module("bessel_fn").kind)
    if waves.has("distance_transform") and waves.module("distance_transform").kind != "AgnesiTransform":
        said.append(waves.module("distance_transform").kind)
    for part in model.children("interactions"):
        said += [part.kind] if part.kind not in LAYERS else []
        said += [name for name in ("cueq_config", "oeq_config") if enabled(part, name)]
    said += [part.kind for part in model.children("readouts")
             if part.kind not in ("LinearReadoutBlock", "NonLinearReadoutBlock")]  # fmt: skip
    if said:
        found = f"{', '.join(dict.fromkeys(said))} in {model.file.name}"
        raise InputError("a network of Bessel functions and RealAgnostic interactions of e3nn", found, OTHERS)


def enabled(part: TorchModule, name: str) -> bool:
    """Whether layers are those of another library than e3nn."""
    config = part.value(name, None)
    off = isinstance(config, PickledObject) and isinstance(config.state, dict) and config.state.get("enabled") is False
    return config is not None and not off


def head_of(model: TorchModule, head: str | None) -> tuple[int, int]:
    """The place of a head, and how many there are."""
    heads = model.value("heads", None) or ["Default"]
    heads = [name if isinstance(name, str) else "?" for name in heads] if isinstance(heads, list) else ["Default"]
    if head is None and len(heads) == 1:
        return 0, 1
    if head not in heads:
        found = f"{model.file.name} with {', '.join(heads)}" + (f", not {head}" if head else "")
        raise InputError("the name of one head", found, "give one: read_mace_torch(path, head=NAME)")
    return heads.index(head), len(heads)


def layer(model: TorchModule, k: int, C: int, head: int, heads: int) -> "TorchMaceLayer":
    """Interaction and product k."""
    of, product = model.children("interactions")[k], model.children("products")[k]
    residual, density = LAYERS[of.kind]
    contractions = product.module("symmetric_contractions").children("contractions")
    readouts, readout = model.children("readouts"), None
    if k < len(readouts) and readouts[k].kind == "LinearReadoutBlock":
        readout = weight(readouts[k].module("linear")).reshape(-1, heads)[:, head]
    if residual and product.value("use_sc", True) is not True:  # noqa: FBT003
        raise InputError(f"use_sc in product {k}", f"none in {model.file.name}", OTHERS)
    paths(of, C)
    net, activation = radial_network(of.module("conv_tp_weights"))
    return nets.equivariant.mace_torch.TorchMaceLayer(
        residual, weight(of.module("linear_up")), tuple(net), activation, weight(of.module("linear")),
        weight(of.module("skip_tp")),
        of.module("density_fn.layer0").array("weight").reshape(-1) if density else None,
        of.number("avg_num_neighbors"),
        tuple(tuple(one.array(f"U_matrix_{nu}") for nu in orders(one)) for one in contractions),
        tuple(tuple(product_weights(one, nu) for nu in orders(one)) for one in contractions),
        weight(product.module("linear")), readout,
    )  # fmt: skip


def orders(contraction: TorchModule) -> range:
    """ν = 1, 2, ... of the products."""
    most = contraction.value("correlation")
    if type(most) is not int or not 1 <= most <= FACTORS_MOST:
        raise InputError(f"products of 1 to {FACTORS_MOST} factors", str(most)[:20], OTHERS)
    return range(1, most + 1)


def product_weights(contraction: TorchModule, nu: int) -> np.ndarray:
    """Weights of ν factors: those of the most have a name of their own, the others come in falling order."""
    most = contraction.value("correlation")
    if nu == most:
        return contraction.array("weights_max")
    return contraction.module("weights").array(str(most - nu - 1))


def weight(linear: TorchModule) -> np.ndarray:
    """Weights of e3nn's linear layers, whose factors are 1/√inputs.  Errors: InputError for another one."""
    if linear.kind not in LINEAR or not linear.record.name.startswith("e3nn."):
        raise InputError("linear layers of e3nn", f"{linear.record.name} in {linear.file.name}",
                         "convert it first: python -m mace.cli.convert_cueq_e3nn")  # fmt: skip
    return linear.array("weight").reshape(-1)


def paths(of: TorchModule, C: int) -> None:
    """Errors: InputError for couplings of messages in another order than by the result, or of other widths."""
    ends = [irreps(of, name) for name in ("node_feats_irreps", "edge_attrs_irreps", "target_irreps")]
    a_max, b_max, c_max = (len(parts) - 1 for parts in ends)
    known = nets.equivariant.irreps.product_paths(a_max, b_max, c_max)
    expected = [(a, b, c) for a, b, c in sorted(known, key=lambda path: (path[2], path[0], path[1]))]
    found = [plain(step) for step in of.module("conv_tp").value("instructions")]
    same = len(found) == len(expected) and all(
        step[:2] == (a, b) and step[3] == "uvu" and abs(step[5] - (2 * c + 1) ** 0.5) < 1e-5 and step[6] == (C, 1)
        for step, (a, b, c) in zip(found, expected, strict=True)
    )
    if not same or ends[2] != [(C, l, (-1) ** l) for l in range(c_max + 1)]:  # noqa: E741
        raise InputError(f"messages of parts up to l = {c_max} of {C} channels", f"others in {of.file.name}", OTHERS)


def plain(step: Any) -> tuple:
    """An instruction of e3nn as a tuple."""
    found = step.arguments if isinstance(step, PickledObject) else step
    return found if isinstance(found, tuple) and len(found) >= 7 else (None,) * 7


def radial_network(net: TorchModule) -> tuple[list[np.ndarray], float]:
    """Weights, and c of the activation c silu(x)."""
    count = sum(net.has(f"layer{k}") for k in range(64))
    layers = [net.module(f"layer{k}") for k in range(count)]
    constants = {activation(one.module("act")) for one in layers[:-1]}
    if len(constants) > 1 or any(one.value("var_in", 1) != 1 or one.value("var_out", 1) != 1 for one in layers):
        raise InputError(f"one activation in {net.path}", f"several in {net.file.name}", OTHERS)
    return [one.array("weight") for one in layers], constants.pop() if constants else 1.0


def activation(act: TorchModule) -> float:
    """c of c silu(x).  Errors: InputError for another function."""
    function, constant = act.value("f"), act.value("cst")
    name = function.name if isinstance(function, PickledObject) else type(function).__name__
    if name not in ("torch.nn.functional.silu", "torch.nn.modules.activation.SiLU") or type(constant) is not float:
        raise InputError("the activation silu", f"{name} in {act.file.name}", OTHERS)
    return constant


def last_readout(model: TorchModule, depth: int, head: int, heads: int) -> Any:
    """W, w of the network of the last layer, None where it is linear."""
    last = model.children("readouts")[-1]
    if last.kind == "LinearReadoutBlock":
        return None
    first, second = weight(last.module("linear_1")), weight(last.module("linear_2"))
    units = second.size // heads**2
    first = first.reshape(-1, heads, units)[:, head]
    constant = activation(last.module("non_linearity").children("acts")[0])
    return first, constant * second.reshape(heads, units, heads)[head, :, head] / np.sqrt(heads)


def radial(model: TorchModule) -> "TorchMaceRadial":
    """Bessel functions and their envelope."""
    of = model.module("radial_embedding")
    waves, transform = of.module("bessel_fn"), None
    if abs(of.module("cutoff_fn").number("r_max") / model.number("r_max") - 1) > 1e-6:
        raise InputError("one cutoff", f"two in {model.file.name}", "save the model again")
    if of.has("distance_transform"):
        a, q, p = (of.module("distance_transform").number(name) for name in ("a", "q", "p"))
        transform = (a, q, p)
    return nets.equivariant.mace_torch.TorchMaceRadial(
        waves.array("bessel_weights").reshape(-1), waves.number("prefactor"),
        int(of.module("cutoff_fn").number("p")), transform,
    )  # fmt: skip


def repulsion(model: TorchModule) -> "TorchMaceRepulsion | None":
    """The pair repulsion, where there is one."""
    if not model.has("pair_repulsion_fn"):
        return None
    of = model.module("pair_repulsion_fn")
    return nets.equivariant.mace_torch.TorchMaceRepulsion(
        of.array("c").reshape(-1), of.number("a_prefactor"), of.number("a_exp"), int(of.number("p"))
    )


def radii(model: TorchModule, numbers: tuple[int, ...]) -> np.ndarray | None:
    """Covalent radii of the elements, which the file has, where they are used."""
    of = model.module("radial_embedding")
    if model.has("pair_repulsion_fn"):
        table = model.module("pair_repulsion_fn").array("covalent_radii")
    elif of.has("distance_transform"):
        table = of.module("distance_transform").array("covalent_radii")
    else:
        return None
    if len(table) <= max(numbers):
        raise InputError(f"covalent radii up to {max(numbers)}", f"{len(table)} in {model.file.name}", OTHERS)
    return table[list(numbers)]


def irreps(of: TorchModule, name: str) -> list[tuple[int, int, int]]:
    """(channels, l, parity) of each part, of e3nn's Irreps or their text."""
    value = of.value(name)
    try:
        if isinstance(value, str):
            split = [part.strip().partition("x") for part in value.split("+")]
            return [(int(n), int(l[:-1]), {"e": 1, "o": -1}[l[-1]]) for n, _, l in split]  # noqa: E741
        pairs = [part.arguments[0] for part in value.arguments[0]]
        return [(int(n), int(l), int(p)) for n, (l, p) in ((n, ir.arguments[0]) for n, ir in pairs)]  # noqa: E741
    except (AttributeError, TypeError, ValueError, IndexError, KeyError):
        raise InputError(f"irreps in {of.path}.{name}", f"others in {of.file.name}", "save the model again") from None


def written(parts: list[tuple[int, int, int]]) -> str:
    """As e3nn writes them."""
    return " + ".join(f"{n}x{l}{'e' if p == 1 else 'o'}" for n, l, p in parts)  # noqa: E741
