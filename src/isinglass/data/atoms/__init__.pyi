# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.data.atoms import atoms_file as atoms_file
from isinglass.data.atoms import label_keys as label_keys
from isinglass.data.atoms import labelled_atoms as labelled_atoms
from isinglass.data.atoms import reference_energy as reference_energy
from isinglass.data.atoms import soundness as soundness
from isinglass.data.atoms import stored_frame as stored_frame
from isinglass.data.atoms import stress_convention as stress_convention
from isinglass.data.atoms import unit_evidence as unit_evidence
from isinglass.data.atoms.atoms_file import read_atoms as read_atoms
from isinglass.data.atoms.label_keys import LabelKeys as LabelKeys
from isinglass.data.atoms.label_keys import StoredFrame as StoredFrame
from isinglass.data.atoms.label_keys import chosen_key as chosen_key
from isinglass.data.atoms.label_keys import fits as fits
from isinglass.data.atoms.label_keys import listed_keys as listed_keys
from isinglass.data.atoms.label_keys import may_be_forces as may_be_forces
from isinglass.data.atoms.label_keys import of_stress as of_stress
from isinglass.data.atoms.labelled_atoms import LabelledAtoms as LabelledAtoms
from isinglass.data.atoms.labelled_atoms import LabelledFrame as LabelledFrame
from isinglass.data.atoms.labelled_atoms import joined as joined
from isinglass.data.atoms.reference_energy import ReferenceEnergies as ReferenceEnergies
from isinglass.data.atoms.reference_energy import isolated_energies as isolated_energies
from isinglass.data.atoms.reference_energy import least_squares_energies as least_squares_energies
from isinglass.data.atoms.reference_energy import reference_energies as reference_energies
from isinglass.data.atoms.soundness import notes_of as notes_of
from isinglass.data.atoms.soundness import require_sound as require_sound
from isinglass.data.atoms.stored_frame import ase_frames as ase_frames
from isinglass.data.atoms.stored_frame import load_ase as load_ase
from isinglass.data.atoms.stress_convention import as_tensor as as_tensor
from isinglass.data.atoms.stress_convention import stress_factor as stress_factor
from isinglass.data.atoms.stress_convention import stresses as stresses
from isinglass.data.atoms.unit_evidence import NearestPairs as NearestPairs
from isinglass.data.atoms.unit_evidence import force_slope as force_slope
from isinglass.data.atoms.unit_evidence import nearest_pairs as nearest_pairs
from isinglass.data.atoms.unit_evidence import require_units as require_units
