# SPDX-License-Identifier: Apache-2.0
"""Peer: nequip by its own commands, eager and compiled dynamics of ASE with its calculator.

usage: potential_nequip.py EPOCHS SEED FOLDER; reads train_c.xyz, test_c.xyz and start.xyz, and prints one JSON line.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
import warnings

os.environ |= {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
from dynamics import steps_per_second  # noqa: E402

epochs, seed, folder = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
work, programs = folder / f"nequip_{seed}", pathlib.Path(sys.executable).parent
work.mkdir()
TIMER = """
import time, lightning, torch
torch.set_num_threads(2)
class Timer(lightning.Callback):
    def on_train_epoch_start(self, trainer, module): self.begun = time.perf_counter()
    def on_train_epoch_end(self, trainer, module):
        print('EPOCH', time.perf_counter() - self.begun, sum(p.numel() for p in module.parameters()), flush=True)
"""
loader = {"_target_": "torch.utils.data.DataLoader", "batch_size": 10}
config = {
    "run": ["train", "test"],
    "data": {
        "_target_": "nequip.data.datamodule.ASEDataModule", "seed": seed,
        "split_dataset": {"file_path": str(folder / "train_c.xyz"), "train": 190, "val": 10},
        "test_file_path": [str(folder / "test_c.xyz")],
        "transforms": [
            {"_target_": "nequip.data.transforms.ChemicalSpeciesToAtomTypeMapper", "model_type_names": ["Cu", "Al"],
             "chemical_species_to_atom_type_map": {"Cu": "Cu", "Al": "Al"}},
            {"_target_": "nequip.data.transforms.NeighborListTransform", "r_max": 5.0},
        ],
        "train_dataloader": loader | {"batch_size": 5, "shuffle": True},
        "val_dataloader": loader, "test_dataloader": loader,
        "stats_manager": {"_target_": "nequip.data.CommonDataStatisticsManager", "type_names": ["Cu", "Al"]},
    },
    "trainer": {
        "_target_": "lightning.Trainer", "accelerator": "cpu", "max_epochs": epochs, "enable_progress_bar": False,
        "logger": False,
        "callbacks": [{"_target_": "timer.Timer"},
                      {"_target_": "lightning.pytorch.callbacks.ModelCheckpoint", "dirpath": str(work),
                       "filename": "last", "save_last": True}],
    },
    "training_module": {
        "_target_": "nequip.train.EMALightningModule",
        "loss": {"_target_": "nequip.train.EnergyForceLoss", "per_atom_energy": True,
                 "coeffs": {"total_energy": 1.0, "forces": 1.0}},
        **{f"{part}_metrics": {"_target_": "nequip.train.EnergyForceMetrics",
                               "coeffs": {"total_energy_mae": 1.0, "forces_mae": 1.0}} for part in ("val", "test")},
        "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.01},
        "model": {
            "_target_": "nequip.model.NequIPGNNModel", "seed": seed, "model_dtype": "float32",
            "type_names": ["Cu", "Al"], "r_max": 5.0, "l_max": 1, "parity": True, "num_layers": 2, "num_features": 64,
            "radial_mlp_depth": 1, "radial_mlp_width": 64,
            "avg_num_neighbors": "${training_data_stats:num_neighbors_mean}",
            "per_type_energy_shifts": "${training_data_stats:per_atom_energy_mean}",
            "per_type_energy_scales": "${training_data_stats:forces_rms}",
        },
    },
}  # fmt: skip
(work / "timer.py").write_text(TIMER)
(work / "c.yaml").write_text(json.dumps(config))  # JSON is YAML
environment = os.environ | {"PYTHONPATH": str(work)}
done = subprocess.run([programs / "nequip-train", "-cp", work, "-cn", "c"], cwd=work, env=environment, text=True,
                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)  # fmt: skip
rows = [line.split() for line in done.stdout.splitlines() if line.startswith("EPOCH ")]
mae = re.search(r"test0_epoch/forces_mae\s+([-\d.e]+)", done.stdout)

import torch  # noqa: E402
from nequip.integrations.ase import NequIPCalculator  # noqa: E402

torch.set_num_threads(2)
model, compiled, names = work / "last.ckpt", work / "m.nequip.pt2", {"Cu": "Cu", "Al": "Al"}
of = {"device": "cpu", "chemical_species_to_atom_type_map": names}
eager = steps_per_second(NequIPCalculator._from_saved_model(str(model), **of), folder / "start.xyz")
begun = time.perf_counter()
made = subprocess.run([programs / "nequip-compile", model, compiled, "--device", "cpu", "--mode", "aotinductor",
                       "--target", "ase"], cwd=work, env=environment, capture_output=True, text=True)  # fmt: skip
seconds, fast = time.perf_counter() - begun, None
if made.returncode == 0:
    fast = steps_per_second(NequIPCalculator.from_compiled_model(str(compiled), **of), folder / "start.xyz")
else:
    print(made.stderr[-2000:], file=sys.stderr)
told = {"epoch_seconds": [float(row[1]) for row in rows], "parameters": int(rows[0][2]),
        "forces_mae": float(mae[1]) if mae else float(np.nan), "steps_per_second": fast, "eager": eager,
        "compile_seconds": seconds}  # fmt: skip
print("\n" + json.dumps(told))
