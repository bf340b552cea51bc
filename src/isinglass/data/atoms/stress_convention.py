# SPDX-License-Identifier: Apache-2.0
"""Stresses of files to eV/Å³, positive under tension: σ = dE/dε / V, σ = -W / V of a virial W.

Law: unit and sign are said by who knows the file, never guessed: a wrong one trains a wrong equation of state.
Ref: 1 eV/Å³ = 160.2176634 GPa, CODATA 2018.
"""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from isinglass.data.atoms.label_keys import LabelKeys, StoredFrame, chosen_key, of_stress
from isinglass.errors import InputError

__all__ = ["as_tensor", "stress_factor", "stresses"]

GPA = 1 / 160.2176634  # eV/Å³
UNITS = {"eV/A^3": 1.0, "GPa": GPA, "kbar": 0.1 * GPA, "bar": 1e-4 * GPA}
SIGNS = {"tension": 1.0, "pressure": -1.0}
ORDERS = {"voigt": [0, 5, 4, 5, 1, 3, 4, 3, 2], "vasp": [0, 3, 5, 3, 1, 4, 5, 4, 2]}  # place of xx xy xz yx ... zz
ASYMMETRY = 1e-3  # of the largest component


def stress_factor(keys: LabelKeys) -> float | None:
    """What multiplies the numbers of the file; None where unit or sign is not said."""
    for name, known in (("stress_unit", UNITS), ("stress_sign", SIGNS)):
        if (said := getattr(keys, name)) is not None and said not in known:
            raise InputError(f"a {name} among {', '.join(known)}", repr(said), f"say {name}='{next(iter(known))}'")
    if keys.stress_unit is None or keys.stress_sign is None:
        return None
    return UNITS[keys.stress_unit] * SIGNS[keys.stress_sign]


def as_tensor(value: Any, order: str | None, where: str) -> Float[np.ndarray, "3 3"]:
    """A 3 x 3 tensor of nine numbers, or six in a stated order.  Errors: InputError for others, and asymmetry."""
    held = np.asarray(value)
    numbers = held.astype(float).ravel() if held.dtype.kind in "fiu" else np.zeros(0)
    if numbers.size == 6:
        if order not in ORDERS:
            fix = "say stress_order='voigt' (xx yy zz yz xz xy) or stress_order='vasp' (xx yy zz xy yz xz)"
            raise InputError(f"the order of six numbers in {where}", "none said", fix)
        numbers = numbers[ORDERS[order]]
    if numbers.size != 9 or not np.isfinite(numbers).all():
        raise InputError(f"six or nine finite numbers in {where}", f"{held.ravel().tolist()}", "leave stress_key out")
    tensor = numbers.reshape(3, 3)
    if np.abs(tensor - tensor.T).max() > ASYMMETRY * np.abs(tensor).max():
        raise InputError(f"a symmetric tensor in {where}", f"{numbers.tolist()}", "leave stress_key out")
    return (tensor + tensor.T) / 2


def stresses(
    stored: list[StoredFrame],
    cell: Float[np.ndarray, "frames 3 3"],
    pbc: Bool[np.ndarray, "frames 3"],
    keys: LabelKeys,
    where: str,
) -> tuple[Float[np.ndarray, "frames 3 3"], str | None, list[str]]:
    """The stress of each frame that is periodic in three directions, NaN for others; the key; what was left out.

    Errors: InputError for a key that is asked for without its unit and sign.
    """
    factor, sizes = stress_factor(keys), [0] * len(stored)
    if keys.virial_key and (keys.stress_key or factor is not None):
        raise InputError(
            "a stress or a virial", "settings of both", "leave stress_key, stress_unit and stress_sign out"
        )
    if keys.stress_key and factor is None:
        fix = "say stress_unit='GPa' and stress_sign='tension', for example"
        raise InputError(f"unit and sign of `{keys.stress_key}` in {where}", "one not said", fix)
    virial = keys.virial_key and chosen_key("virial", stored, sizes, keys.virial_key, where)
    key = virial or (chosen_key("stress", stored, sizes, keys.stress_key, where) if factor is not None else None)
    found, full = np.full(cell.shape, np.nan), np.asarray(pbc.all(axis=1))
    for k, frame in enumerate(stored):
        if key in frame and full[k]:
            place, order = f"`{key}` of frame {k} of {where}", "voigt" if key == "stress" else keys.stress_order
            tensor = as_tensor(frame[key], order, place)
            found[k] = -tensor / abs(np.linalg.det(cell[k])) if virial else tensor * (factor or 0.0)
    return found, key, left_out(stored, full, key)


def left_out(stored: list[StoredFrame], full: Bool[np.ndarray, " frames"], key: str | None) -> list[str]:
    """Notes of stresses that are in the file and not in use."""
    names = dict.fromkeys(name for frame in stored for name in frame if of_stress(name))
    how = {
        "virial": "say virial_key='{}' if it is -V σ in eV",
        "stress": "say stress_key='{}', stress_unit and stress_sign",
    }
    advice = lambda name: how["stress" if "stress" in name.lower() else "virial"].format(name)  # noqa: E731
    notes = [f"`{name}` is not read, its unit and sign are not said: {advice(name)}" for name in names if name != key]
    without = sum(key in frame and not periodic for frame, periodic in zip(stored, full, strict=True))
    return notes + [f"`{key}` is left out in {without} frames that are not periodic in three directions"] * bool(
        without
    )
