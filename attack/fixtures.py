# SPDX-License-Identifier: Apache-2.0
"""The good files that everything hostile is made of, written once into a folder."""

from pathlib import Path

import numpy as np
from scipy.io import savemat

__all__ = ["CHAIN", "make_good_files"]

CHAIN = """kind = "spin"
bond = "-1.0 Z(i) Z(j)"
site = "-0.7 X(i)"

[lattice]
name = "chain"
shape = [6]
"""


def make_good_files(folder: Path) -> Path:
    """Configurations in four formats, a Hamiltonian, a run and two networks; the folder."""
    from isinglass import data, sample
    from isinglass.systems import Ising, Phi4

    result = sample(0, Ising((4, 4)), np.linspace(1.6, 3.0, 6), samples=48, chains=8, warmup=200, thin=2,
                    effective_samples=None)  # fmt: skip
    result.save(folder / "good_run", report=False)
    data.write(result, folder / "good.nc")
    arrays = {name: result.arrays[name].values for name in ("configurations", "energy") if name in result.arrays}
    found = data.read(folder / "good.nc")
    arrays = {"configurations": found.x.astype(np.int8), "temperature": np.asarray(found.parameter, float)}
    np.savez(folder / "good.npz", **arrays)
    write_hdf5(folder / "good.h5", arrays)
    (folder / "good.toml").write_text(CHAIN)
    for shape, name in (((4, 4), "good_model"), ((6,), "chain_model")):
        sample(1, Phi4(shape, lam=8.0), method="flow", model=folder / name, preset="smoke", steps=4, batch=16,
               samples=64, reference=None)  # fmt: skip
    savemat(folder / "good.mat", {name: array[:40] for name, array in arrays.items()})
    rng = np.random.default_rng(0)
    np.save(folder / "good.npy", arrays["configurations"][:40])
    np.savetxt(folder / "good.csv", np.c_[np.repeat([1.0, 2.0], 20), rng.choice([-1, 1], (40, 9))], delimiter=",")
    return folder


def write_hdf5(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """The arrays as datasets, compressed."""
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array, chunks=True, compression="gzip", fletcher32=True)
