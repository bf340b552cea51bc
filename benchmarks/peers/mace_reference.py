# SPDX-License-Identifier: Apache-2.0
"""Peer: small models of mace-torch with random weights, saved by itself, and what it computes with them.

usage: mace_reference.py FOLDER [NAME ...]; writes NAME.model and NAME.npz: of each structure k positions_k, numbers_k,
cell_k, pbc_k, and in float64 energy_k, forces_k, stress_k (xx yy zz yz xz xy).
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
import pathlib
import sys
import warnings

import numpy as np
import torch
from ase import Atoms

warnings.filterwarnings("ignore")
import mace  # noqa: E402, F401 - first: torch reads e3nn's files only after what it sets

# isort: split
from e3nn import o3  # noqa: E402
from mace import modules  # noqa: E402
from mace.calculators import MACECalculator  # noqa: E402

FIRST, RESIDUAL = "RealAgnosticInteractionBlock", "RealAgnosticResidualInteractionBlock"
DENSITY, DENSITY_RESIDUAL = "RealAgnosticDensityInteractionBlock", "RealAgnosticDensityResidualInteractionBlock"
COMMON = {
    "r_max": 4.0, "num_bessel": 4, "num_polynomial_cutoff": 5, "max_ell": 2, "num_interactions": 2,
    "interaction_cls": RESIDUAL, "interaction_cls_first": RESIDUAL, "hidden_irreps": "4x0e + 4x1o",
    "MLP_irreps": "8x0e", "avg_num_neighbors": 3.1, "correlation": 3, "gate": torch.nn.functional.silu,
    "radial_MLP": [8, 8],
}  # fmt: skip
VARIANTS = {
    "plain": {"max_ell": 1, "num_interactions": 1, "hidden_irreps": "8x0e", "correlation": 2, "numbers": [1, 8],
              "interaction_cls_first": FIRST, "radial_MLP": [8]},
    "scaled": {"max_ell": 3, "correlation": 2, "numbers": [1, 6, 8], "num_polynomial_cutoff": 6, "scale": 0.8,
               "shift": 0.13, "interaction_cls_first": FIRST, "dtype": torch.float32},
    "residual": {"hidden_irreps": "4x0e + 4x1o + 4x2e", "numbers": [1, 6, 7, 8], "scale": 1.3, "shift": -0.2},
    "foundation": {"numbers": [1, 6, 13, 29], "scale": 0.7, "shift": 0.1, "interaction_cls_first": DENSITY,
                   "interaction_cls": DENSITY_RESIDUAL, "pair_repulsion": True, "distance_transform": "Agnesi"},
    "half": {"max_ell": 1, "hidden_irreps": "4x0e", "numbers": [6, 8], "scale": 1.0, "shift": 0.0, "correlation": 2,
             "dtype": torch.float32, "half": True},
    "deep": {"num_interactions": 3, "numbers": [1, 8], "scale": 1.1, "shift": 0.0, "correlation": [3, 2, 1],
             "max_ell": 1, "hidden_irreps": "4x0e", "heads": ["first", "second"]},
    "periodic-table": {"numbers": list(range(1, 90)), "scale": 0.8, "shift": 0.13, "r_max": 6.0, "max_ell": 3,
                       "hidden_irreps": "16x0e + 16x1o", "num_bessel": 10, "radial_MLP": [64, 64, 64],
                       "MLP_irreps": "16x0e", "avg_num_neighbors": 61.9, "dtype": torch.float32},
    "periodic-table-2": {"numbers": list(range(1, 90)), "scale": 0.8, "shift": 0.13, "r_max": 6.0, "max_ell": 3,
                         "hidden_irreps": "8x0e + 8x1o + 8x2e", "num_bessel": 10, "radial_MLP": [64, 64, 64],
                         "MLP_irreps": "16x0e", "avg_num_neighbors": 61.9, "pair_repulsion": True,
                         "distance_transform": "Agnesi", "interaction_cls_first": DENSITY,
                         "interaction_cls": DENSITY_RESIDUAL},
    "last": {"numbers": [1, 8], "scale": 1.1, "shift": 0.0, "use_last_readout_only": True, "use_agnostic_product": True,
             "keep_last_layer_irreps": True},
}  # fmt: skip


def made(name: str) -> torch.nn.Module:
    """The model of a variant, with random weights."""
    given = COMMON | VARIANTS[name]
    torch.manual_seed(7)
    torch.set_default_dtype(given.pop("dtype", torch.float64))
    scale, shift, half = given.pop("scale", None), given.pop("shift", None), given.pop("half", False)
    numbers, heads = given.pop("numbers"), given.get("heads", ["Default"])
    E0 = -np.random.default_rng(1).uniform(1, 9, (len(heads), len(numbers)))
    for word in ("interaction_cls", "interaction_cls_first"):
        given[word] = modules.interaction_classes[given[word]]
    for word in ("hidden_irreps", "MLP_irreps"):
        given[word] = o3.Irreps(given[word])
    given |= {"atomic_numbers": numbers, "num_elements": len(numbers), "atomic_energies": E0}
    if scale is None:
        return modules.MACE(**given)
    if len(heads) > 1:
        scale, shift = [scale, 2 * scale], [shift, shift + 1]
    model = modules.ScaleShiftMACE(atomic_inter_scale=scale, atomic_inter_shift=shift, **given)
    for weight in model.interactions.parameters() if half else ():  # the first weights tell mace-torch its type
        weight.data = weight.data.to(torch.bfloat16)
    return model


def structures(numbers: list[int], seed: int) -> list[Atoms]:
    """A molecule in the open, a triclinic crystal, and one atom among its own images."""
    random = np.random.default_rng(seed)
    chosen = numbers if len(numbers) < 9 else [1, 6, 8, 13, 29]
    grid = np.stack(np.meshgrid(*[np.arange(2)] * 3, indexing="ij"), -1).reshape(-1, 3)
    pick = lambda n: np.r_[chosen, random.choice(chosen, n - len(chosen))]  # noqa: E731
    molecule = Atoms(pick(8), 1.6 * grid + random.uniform(-0.3, 0.3, (8, 3)))
    cell = np.array([[5.1, 0.2, -0.3], [1.4, 4.8, 0.1], [-0.7, 0.9, 5.5]])
    places = (np.stack(np.meshgrid(*[np.arange(3)] * 3, indexing="ij"), -1).reshape(-1, 3) + 0.5) / 3
    crystal = Atoms(pick(27), places @ cell + random.uniform(-0.2, 0.2, (27, 3)), cell=cell, pbc=True)
    return [
        molecule,
        crystal,
        Atoms([chosen[0]], [[0, 0, 0]], cell=[[1.9, 0, 0], [0.4, 1.8, 0], [0, 0.3, 2.1]], pbc=True),
    ]


def told(path: pathlib.Path, numbers: list[int], **more) -> dict[str, np.ndarray]:
    """What mace-torch computes with a saved model in float64."""
    calculator, found = MACECalculator(model_paths=str(path), device="cpu", default_dtype="float64", **more), {}
    for k, atoms in enumerate(structures(numbers, seed=3)):
        atoms.calc = calculator
        found |= {f"positions_{k}": atoms.positions, f"numbers_{k}": atoms.numbers, f"cell_{k}": atoms.cell.array,
                  f"pbc_{k}": atoms.pbc, f"energy_{k}": atoms.get_potential_energy(), f"forces_{k}": atoms.get_forces(),
                  f"stress_{k}": atoms.get_stress() if atoms.pbc.all() else np.full(6, np.nan)}  # fmt: skip
    return found


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or list(VARIANTS):
        path, heads = folder / f"{name}.model", VARIANTS[name].get("heads")
        torch.save(made(name), path)
        more = {} if heads is None else {"head": heads[-1]}
        np.savez_compressed(folder / f"{name}.npz", **told(path, VARIANTS[name]["numbers"], **more))
