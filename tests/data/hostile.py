# SPDX-License-Identifier: Apache-2.0
"""Files that somebody might hand over by accident or with intent: name -> (name of the file, how it is made, words)."""

import base64
import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib

import h5py
import numpy as np
from scipy.io import savemat
from scipy.sparse import eye

__all__ = ["HDF5", "HOSTILE", "MATLAB", "X", "T", "npy"]

RNG = np.random.default_rng(5)
X = RNG.choice(np.array([-1, 1], np.int8), (12, 6, 6))
T = np.repeat([1.5, 2.0, 2.5], 4)
# a small HDF5 file: with byte 2100 set to 0 libhdf5 2.0 loops for ever, with byte 961 set to 88 it crashes
HDF5 = zlib.decompress(base64.b64decode(
    "eNrtlLEOAUEQhmf3jmyEOIkClVKpVBKOKwRBodSJSDQaj8CbeBSP4G24tTPJ3iUqlfi/5s/Mzs3sTWb2mozGlVKrRBZjKKSIfJ5M"
    "2Mjacr5lVawX1psWv3qf8edU4/z5uPUyjm30M4fU6YZODYF/JIkHC6sbtmVK7zobd87NY/JlXUVFl0uJ3XGqnUPKf9IgvamNjIyk"
    "cBNcSNXaWrtEhjckUDLiYeYeZepzfU31NOTA/qZS715ElM0v/1+wmYzfk95X/VjN5iO70bKH7QCzCcAvMxnOp8p7VP23w7I/7Y87"
    "L/5RRc8AAAAAAAAAAIBf4wUyOzDx"
))  # fmt: skip


def MATLAB() -> bytes:  # noqa: N802
    """A small file with an array and a structure."""
    made = io.BytesIO()
    savemat(made, {"x": np.arange(4.0), "c": {"a": 1}})
    return made.getvalue()


def npy(header: str, body: bytes = b"", version: int = 1) -> bytes:
    """A file of NumPy with this header."""
    text = header.encode("latin-1") + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + body


def head(shape: str, descr: str = "'|i1'", order: str = "False") -> str:
    """A header."""
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def archive(**members: bytes) -> bytes:
    """A zip of members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


def npz(**arrays) -> bytes:
    """An archive of NumPy."""
    made = io.BytesIO()
    np.savez_compressed(made, **arrays)
    return made.getvalue()


def directory(raw: bytes, at: int, value: bytes) -> bytes:
    """Bytes changed in the first entry of the directory of a zip."""
    start = raw.index(b"PK\x01\x02") + at
    return raw[:start] + value + raw[start + len(value) :]


def h5(make):
    """A file that h5py writes."""

    def write(path):
        with h5py.File(path, "w") as file:
            file["temperature"] = T
            make(file)

    return write


def elsewhere(make):
    """A file that leads to another with all that is needed."""

    def write(path):
        with h5py.File(path.with_name("secret.h5"), "w") as file:
            file["configurations"] = X
        X.tofile(path.with_name("secret.bin"))
        h5(make)(path)

    return write


def external(file):
    """Bytes of another file."""
    file.create_dataset("configurations", X.shape, "i1", external=[(b"secret.bin", 0, X.size)])


def virtual(file):
    """A view of another file."""
    layout = h5py.VirtualLayout(X.shape, "i1")
    layout[:] = h5py.VirtualSource("secret.h5", "configurations", X.shape)
    file.create_virtual_dataset("configurations", layout)


def packed(path):
    """A tar of one file."""
    with tarfile.open(path, "w:gz") as file:
        entry = tarfile.TarInfo("a.npz")
        entry.size = 3
        file.addfile(entry, io.BytesIO(b"abc"))


def fill(raw: bytes):
    """A writer of these bytes."""
    return lambda path: path.write_bytes(raw)


GOOD = npz(configurations=X, temperature=T)
ROWS = "\n".join(" ".join(map(str, [t, *x.reshape(-1)])) for t, x in zip(T, X, strict=True))
NPY = {
    "empty": (b"", "an empty file"),
    "magic alone": (b"\x93NUMPY", "cannot be read"),
    "header cut": (npy(head("(12, 6)"))[:30], "cannot be read"),
    "version 9": (npy(head("(12,)"), version=9), "version 9.0"),
    "no dictionary": (npy("[1, 2]"), "cannot be read"),
    "code": (npy("__import__('os').mkdir('made')"), "cannot be read"),
    "brackets": (npy("(" * 9000), "cannot be read"),
    "100,000 brackets": (npy("[" * 100_000, version=2), "cannot be read"),
    "shape of text": (npy(head("('a',)")), "cannot be read"),
    "shape below 0": (npy(head("(-4, 6, 6)"), bytes(144)), "hold"),
    "a terabyte": (npy(head(f"({10**12},)")), "1 TB of shape"),
    "more than 64 bits": (npy(head(f"({2**62}, {2**62})")), "hold"),
    "wide elements": (npy(head("()", f"'|V{10**9}'")), "hold"),
    "elements of no size": (npy(head(f"({10**18},)", "'|S0'")), "no array of numbers"),
    "unknown type": (npy(head("(3,)", "'|q9'")), "cannot be read"),
    "objects": (npy(head("(3,)", "'|O'")), "numpy.load"),
    "a table of objects": (npy(head("(3,)", "[('a', '|O')]")), "numpy.load"),
    "100 axes": (npy(head(str((1,) * 100)), b"\1"), "."),
    "cut short": (npy(head("(12, 6, 6)"), X.tobytes()[:100]), "432 B of shape"),
    "a pickle": (b"\x80\x04.", "pickle"),
    "text": (b"1 2 3", "cannot be read"),
    "no axes": (npy(head("()"), b"\1"), "configurations"),
    "times": (npy(head("(3, 2)", "'<m8[s]'"), bytes(48)), "configurations"),
}
NPZ = {
    "empty": (b"", "an empty file"),
    "no members": (archive(), "nothing"),
    "cut short": (GOOD[: len(GOOD) // 2], "cannot be read"),
    "one bit of a member": (GOOD[:120] + bytes([GOOD[120] ^ 4]) + GOOD[121:], "cannot be read"),
    "a member of a terabyte": (archive(**{"configurations.npy": npy(head(f"({10**12},)"))}), "1 TB of shape"),
    "a directory of 4 GB": (directory(GOOD, 24, b"\xfe\xff\xff\xff"), "4.29 GB claimed"),
    "no such packing": (directory(GOOD, 10, b"\x61\x00"), "cannot be read"),
    "encrypted": (directory(GOOD, 8, b"\x01\x00"), "cannot be read"),
    "objects": (npz(configurations=X.astype(object), temperature=T), "numpy.load"),
    "other files": (archive(**{"a.txt": b"hello"}), "no array of NumPy"),
    "PyTorch": (archive(**{"archive/data.pkl": b"\x80\x02."}), "no array of NumPy"),
    "a path upwards": (archive(**{"../../x.npy": npy(head("(3,)"), b"abc")}), "configurations"),
    "names of 3000 letters": (archive(**{"w" * 3000 + ".npy": npy(head("(3,)"), b"abc")}), "configurations"),
    "codes of the terminal": (archive(**{"\x1b[2J.npy": npy(head("(3,)"), b"abc")}), r"\?\[2J"),
    "1e300": (npz(configurations=X * 1e300, temperature=T), "1e\\+300"),
    "imaginary 1e300": (npz(configurations=X + 1e300j, temperature=T), "1e\\+300"),
    "dates": (npz(configurations=X.astype("M8[s]"), temperature=T), "numbers"),
    "dates as temperatures": (npz(configurations=X, temperature=T.astype("M8[s]")), "temperature"),
    "no rows": (npz(configurations=X[:0], temperature=T[:0]), "for 0 conf"),
    "no sites": (npz(configurations=X[:, :0], temperature=T), "configurations"),
}
GROUPS = {
    "empty": (fill(b""), "an empty file"),
    "signature alone": (fill(b"\x89HDF\r\n\x1a\n"), "cannot be read"),
    "cut short": (fill(HDF5[:3000]), "cannot be read"),
    "loops": (fill(HDF5[:2100] + b"\0" + HDF5[2101:]), "does not end within 1 s"),
    "crashes": (fill(HDF5[:961] + bytes([88]) + HDF5[962:]), "cannot be read"),
    "a terabyte in chunks": (
        h5(lambda f: f.create_dataset("configurations", (10**6, 10**3, 10**3), "i1", chunks=(1, 100, 100))),
        r"1e\+12 bytes claimed"),
    "a terabyte of zeros": (h5(lambda f: f.create_dataset("configurations", (10**6, 10**3, 10**3), "i1")),
                            r"1e\+12 bytes claimed"),
    "null dataspace": (h5(lambda f: f.create_dataset("configurations", data=h5py.Empty("i1"))), "no values"),
    "external storage": (elsewhere(external), "stored in another file"),
    "external link": (elsewhere(lambda f: f.__setitem__("configurations", h5py.ExternalLink("secret.h5",
                                "/configurations"))), "a link to another file"),
    "virtual dataset": (elsewhere(virtual), "virtual dataset"),
    "soft link to nowhere": (h5(lambda f: f.__setitem__("configurations", h5py.SoftLink("/nowhere"))), "temperature"),
    "soft link to itself": (h5(lambda f: f.__setitem__("configurations", h5py.SoftLink("/configurations"))),
                            "temperature"),
    "references": (h5(lambda f: f.create_dataset("configurations", data=[f.ref], dtype=h5py.ref_dtype)), "objects"),
    "rows of any length": (
        h5(lambda f: f.create_dataset("configurations", (3,), h5py.vlen_dtype("i1"))), "objects"),
    "a type": (h5(lambda f: f.__setitem__("configurations", np.dtype("i1"))), "temperature"),
    "a group": (h5(lambda f: f.create_group("configurations")), "temperature"),
    "opaque": (h5(lambda f: f.create_dataset("configurations", data=np.zeros((12, 6), "V3"))), "void|values of type"),
    "text": (h5(lambda f: f.__setitem__("configurations", X.astype("S2"))), "numbers|configurations"),
    "a circle of groups": (h5(lambda f: f.create_group("a").__setitem__("b", f)), "temperature"),
    "kind 3": (h5(lambda f: f.create_dataset("configurations", data=X).attrs.update(kind=3)), "kind"),
    "kind unknown": (h5(lambda f: f.create_dataset("configurations", data=X).attrs.update(kind="spin")), "kind"),
    "channels of text": (
        h5(lambda f: f.create_dataset("configurations", data=X).attrs.update(channels="x")), "channels 0 or 1"),
    "boundary unknown": (
        h5(lambda f: f.create_dataset("configurations", data=X).attrs.update(boundary="x")), "boundary"),
}  # fmt: skip
MAT = {
    "empty": (b"", "an empty file"),
    "header alone": (MATLAB()[:128], "configurations|cannot be read"),
    "cut short": (MATLAB()[:300], "cannot be read|configurations"),
    "crashes": (MATLAB()[:328] + b"\0" + MATLAB()[329:], "cannot be read|configurations"),
    "7.3 without HDF5": (b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM" + bytes(400), "cannot be read"),
    "random": (np.random.default_rng(0).bytes(1000), "cannot be read"),
}
TEXT = {
    "empty": (b"", "an empty file"),
    "comments alone": (b"# a\n# b\n", "no rows"),
    "a header alone": (b"T,s0,s1\n", "no"),
    "bytes": (bytes(range(256)), "cannot be read"),
    "zeros": (bytes(1000), "no rows of numbers"),
    "ragged": (b"1 2 3\n1 2\n", "rows of different lengths"),
    "ragged below": (b"1 2 3\n1 2 3\n1 2\n", "number of columns changed"),
    "words": (b"a b\nc d\n", "no column of numbers"),
    "latin-1": ("1 2\n1 2\n\xb5 3".encode("latin-1"), "decode"),
    "a quote not closed": (b'"1,2\n3,4\n', "cannot be read|temperature"),
    "1e999": (ROWS.replace("-1", "1e999", 1).encode(), "infinite"),
    "nan": (ROWS.replace("-1", "nan", 1).encode(), "NaN|temperature"),
    "a gap": (b"1,2,3\n1,,3\n1,2,3", "cannot be read|temperature"),
    "other signs": (b"0110\n0110\n01x0\n", "other signs"),
    "signs of other lengths": (b"0110\n0110\n010\n", "different lengths"),
    "couplings": (b"3 2\n1 2 1\n2 3 -1\n", "sample couplings"),
}
PACKED = {
    "no gzip": b"1 2 3",
    "cut short": gzip.compress(ROWS.encode())[:40],
    "a changed byte": bytes([*gzip.compress(ROWS.encode())[:30], 7, *gzip.compress(ROWS.encode())[31:]]),
    "empty": b"",
}
FORMATS = {
    "a.pt": (archive(**{"archive/data.pkl": b"\x80\x02."}), "torch.load"),
    "model": (archive(**{"archive/data.pkl": b"\x80\x02."}), "torch.load"),
    "a.pkl": (b"\x80\x04.", "pickle.load"),
    "a.zip": (archive(a=b"1"), "unzip a.zip"),
    "a.npz.gz": (gzip.compress(GOOD), "gunzip -k a.npz.gz"),
    "a.tar": (b"x", "tar xf a.tar"),
    "a.json": (b"{}", "json.loads"),
    "a.extxyz.gz": (gzip.compress(b"1\n\nH 0 0 0"), "gunzip -k a.extxyz.gz, and then .*ase.io.iread\\('a.extxyz'"),
    "a.xyz": (b"1\n\nH 0 0 0", "ase.io.iread"),
    "a.fits": (b"SIMPLE  =", "astropy.io.fits.getdata"),
    "a.parquet": (b"PAR1", "pandas.read_parquet"),
    "a.root": (b"root", "uproot.open"),
    "a.hdf": (b"\x0e\x03\x13\x01", "h4toh5"),
    "a.nc": (b"CDF\x01" + bytes(40), "xarray.open_dataset"),
    "a.xlsx": (archive(**{"xl/workbook.xml": b""}), "pandas.read_excel"),
    "a.fasta": (b">a\nACD\n", "ord\\(c\\)"),
    "a.FCIDUMP": (b"&FCI NORB=2,", "docs/files.md"),
    "a.tsp": (b"NAME: a", "TSPLIB"),
    "a.toml": (b"sites = 3", "ground-state a.toml"),
    "a": (b"hello", "savez_compressed"),
    "a.unknown": (b"?", "savez_compressed"),
}
PLACES = {
    "a folder": (lambda path: path.mkdir(), "a folder"),
    "missing": (lambda path: None, "no such file"),
    "a pipe": (os.mkfifo, "a named pipe"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    "no device": (lambda path: path.symlink_to("/dev/null"), "a device"),
    "a link to nowhere": (lambda path: path.symlink_to("nowhere"), "a link to nowhere"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "symbolic links"),
    "a file of a terabyte": (lambda path: (path.touch(), os.truncate(path, 10**12)), "1 TB"),
}
HOSTILE = {
    **{f"npy: {n}": ("a.npy", fill(raw), says) for n, (raw, says) in NPY.items()},
    **{f"npz: {n}": ("a.npz", fill(raw), says) for n, (raw, says) in NPZ.items()},
    **{f"h5: {n}": ("a.h5", make, says) for n, (make, says) in GROUPS.items()},
    **{f"mat: {n}": ("a.mat", fill(raw), says) for n, (raw, says) in MAT.items()},
    **{f"text: {n}": ("a.csv" if b"," in raw else "a.txt", fill(raw), says) for n, (raw, says) in TEXT.items()},
    **{f"gz: {n}": ("a.txt.gz", fill(raw), "cannot be read" if raw else "an empty file") for n, raw in PACKED.items()},
    **{f"format: {n}": (n, fill(raw), says) for n, (raw, says) in FORMATS.items()},
    "format: a.tar.gz": ("a.tar.gz", packed, "tar xf a.tar.gz"),
    "mat: sparse": ("a.mat", lambda path: savemat(path, {"x": eye(9)}), "sparse"),
    "mat: a cell": ("a.mat", lambda path: savemat(path, {"x": np.array([[1], "a"], object)}), "a cell"),
    **{f"{n}{end}": (f"a{end}", make, says)
       for end in (".npz", ".h5", ".mat", ".csv") for n, (make, says) in PLACES.items()},
    "name of 300 letters": ("w" * 300 + ".npz", None, "name too long"),
    "a zero in the name": ("a\0.npz", None, "null"),
}  # fmt: skip
