# SPDX-License-Identifier: Apache-2.0
"""Formats that are not read here, and the lines that convert each to one that is."""

import zipfile
from pathlib import Path

from isinglass.errors import InputError

__all__ = ["PICKLED", "SUFFIXES", "another_format", "unpickled"]

SUFFIXES = (".npz", ".npy", ".h5", ".hdf5", ".nc", ".mat", ".txt", ".dat", ".csv", ".tsv")
PICKLED = (".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth", ".ckpt")
SAVE = "numpy.savez_compressed('data.npz', configurations=x, temperature=T)"
OF_NAMES = SAVE.replace("=x", "=d['configurations']").replace("=T", "=d['temperature']") + ", with the names in it"
PACKED = {".gz": "gunzip -k", ".bz2": "bunzip2 -k", ".xz": "unxz -k", ".zst": "unzstd"}
ARCHIVES = {".zip": "unzip", ".tar": "tar xf", ".tgz": "tar xf", ".7z": "7z x", ".rar": "unrar x"}
# suffixes -> what it is, and Python that makes a file of ours of it
RECIPES = {
    (".json",): ("JSON", "d = json.loads(pathlib.Path('{file}').read_text()); " + OF_NAMES),
    (".yaml", ".yml"): ("YAML", "d = yaml.safe_load(pathlib.Path('{file}').read_text()); " + OF_NAMES),
    (".toml",): ("settings", "no configurations: a Hamiltonian is read by isinglass ground-state {file}"),
    (".xyz", ".extxyz", ".cif", ".pdb", ".gro"): (
        "atoms", "x = numpy.array([a.positions for a in ase.io.iread('{file}', ':')]); " + SAVE),
    (".fits", ".fit"): ("FITS", "numpy.save('data.npy', numpy.array(astropy.io.fits.getdata('{file}')))"),
    (".parquet", ".pq"): ("Parquet", "pandas.read_parquet('{file}').to_csv('data.csv', index=False)"),
    (".feather", ".arrow"): ("Arrow", "pandas.read_feather('{file}').to_csv('data.csv', index=False)"),
    (".xlsx", ".xls", ".ods"): ("a spreadsheet", "pandas.read_excel('{file}').to_csv('data.csv', index=False)"),
    (".root",): ("ROOT", "numpy.savez_compressed('data.npz', "
                 "**uproot.open('{file}')['TREE'].arrays(library='np')), with the name of its tree"),
    (".hdf", ".hdf4", ".h4"): ("HDF4", "in the shell: h4toh5 {file} data.h5"),
    (".zarr",): ("Zarr", "xarray.open_zarr('{file}').to_netcdf('data.nc', engine='h5netcdf')"),
    (".bin", ".raw"): ("bytes of an unknown type", "x = numpy.fromfile('{file}', 'int8').reshape(n, L, L); " + SAVE),
    (".fasta", ".fa", ".faa", ".a2m"): (
        "sequences", "x = numpy.array([[ord(c) for c in s.partition('\\n')[2].replace('\\n', '')] "
        "for s in pathlib.Path('{file}').read_text().split('>')[1:]]); " + SAVE),
    (".fcidump",): ("integrals of electrons", "no configurations: docs/files.md has the lines that make terms of "
                    "{file} for isinglass ground-state"),
    (".tsp",): ("cities of a tour (TSPLIB)", "no configurations: no command looks for tours; tsplib95 reads {file}"),
    (".win",): ("the input of Wannier90", "no configurations: no command reads it; name {file} to Wannier90"),
    (".lp", ".mps"): (
        "the statement of a problem", "no configurations: couplings i j w, one a line, are read by "
        "isinglass sample couplings, a Hamiltonian by isinglass ground-state"),
}  # fmt: skip
CLASSIC = "xarray.open_dataset('{file}', engine='scipy').to_netcdf('data.nc', engine='h5netcdf')"


def another_format(path: Path, suffix: str) -> InputError:
    """What to do with a file whose name ends in none of SUFFIXES; a packed one is named as it is when unpacked."""
    name, end = path.name, path.suffix.lower()
    packing = "".join(path.suffixes[-2:]).lower() if end in PACKED else end
    if packing.startswith(".tar") or end in ARCHIVES:
        command = ARCHIVES.get(end, "tar xf")
        return refused("an archive of files", name, f"unpack it: {command} {name}, and name the files in it")
    first = f"unpack it: {PACKED[end]} {name}" if end in PACKED else ""
    inner = path.stem if first else name
    if first and suffix in SUFFIXES:
        return refused("a packed file", name, first)
    what, recipe = next(((w, r) for ends, (w, r) in RECIPES.items() if suffix in ends), ("another format", ""))
    recipe = recipe or "make x [n, ...lattice] and T [n] of it, and " + SAVE
    if recipe.startswith("no configurations: "):
        return InputError("configurations", f"{what} in {name}", recipe.partition(": ")[2].format(file=inner))
    step = f"convert it in Python: {recipe.format(file=inner)}".replace("in Python: in the shell", "in the shell")
    return refused(what, name, f"{first}, and then {step}" if first else step)


def classic_netcdf(name: str) -> InputError:
    """netCDF-3, which is no HDF5."""
    return refused("netCDF-3", name, f"convert it in Python: {CLASSIC.format(file=name)}")


def refused(what: str, name: str, fix: str) -> InputError:
    """The line."""
    return InputError(f"a file ending in {', '.join(SUFFIXES)}", f"{name}, {what}", fix)


def is_pickle(path: Path) -> bool:
    """Whether it is a zip archive with a pickle in it, as PyTorch writes."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("data.pkl") for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def unpickled(path: Path, suffix: str) -> InputError:
    """What to do with a pickle: it is code that runs when it is opened, so it is not opened here."""
    load = f"pickle.load(open('{path.name}', 'rb'))"
    if suffix in (".npy", ".npz"):
        load = f"numpy.load('{path.name}', allow_pickle=True)"
    if suffix == ".joblib":
        load = f"joblib.load('{path.name}')"
    if suffix in (".pt", ".pth", ".ckpt"):
        load = f"torch.load('{path.name}', weights_only=True)"
    return refused(
        "a pickle, which can run code when it is opened", path.name,
        f"if you trust it, convert it in Python: x = {load}; numpy.savez_compressed('data.npz', "
        "configurations=numpy.asarray(x), temperature=T); unpack packed bits by numpy.unpackbits",
    )  # fmt: skip
