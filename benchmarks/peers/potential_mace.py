# SPDX-License-Identifier: Apache-2.0
"""Peer: mace-torch by its own command, and dynamics of ASE with its calculator.

usage: potential_mace.py EPOCHS SEED FOLDER; reads train.xyz, test.xyz and start.xyz there, and prints one JSON line.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import warnings
from datetime import datetime

os.environ |= {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
from ase.io import read  # noqa: E402
from dynamics import steps_per_second  # noqa: E402

epochs, seed, folder = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
work = folder / f"mace_{seed}"
settings = {
    "name": "m", "work_dir": work, "train_file": folder / "train.xyz", "valid_fraction": 0.05, "E0s": "average",
    "energy_key": "REF_energy", "forces_key": "REF_forces", "model": "MACE", "hidden_irreps": "64x0e+64x1o",
    "num_interactions": 2, "r_max": 5.0, "batch_size": 5, "valid_batch_size": 10, "max_num_epochs": epochs,
    "device": "cpu", "default_dtype": "float32", "seed": seed, "lr": 0.01, "eval_interval": 1, "plot": False,
    "num_workers": 0, "ema_decay": 0.99, "scheduler_patience": 100, "error_table": "PerAtomMAE",
}  # fmt: skip
arguments = [f"--{name}={value}" for name, value in settings.items()]
work.mkdir()
subprocess.run([sys.executable, "-m", "mace.cli.run_train", "--ema", *arguments], cwd=work, check=True,
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
log = next((work / "logs").glob("*.log")).read_text().splitlines()
marks = [datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S.%f").timestamp()
         for line in log if re.search(r"INFO: (Initial|Epoch \d+): ", line)]  # fmt: skip

import torch  # noqa: E402
from mace.calculators import MACECalculator  # noqa: E402

torch.set_num_threads(2)
calculator = MACECalculator(model_paths=str(work / "m.model"), device="cpu", default_dtype="float32")
errors = []
for atoms in read(folder / "test.xyz", ":"):
    known, atoms.calc = atoms.arrays["REF_forces"], calculator
    errors.append(atoms.get_forces() - known)
told = {"epoch_seconds": np.diff(marks).tolist(), "forces_mae": float(np.abs(np.concatenate(errors)).mean()),
        "parameters": sum(p.numel() for p in calculator.models[0].parameters()),
        "steps_per_second": steps_per_second(calculator, folder / "start.xyz")}  # fmt: skip
print("\n" + json.dumps(told))
