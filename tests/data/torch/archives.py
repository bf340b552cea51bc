# SPDX-License-Identifier: Apache-2.0
"""Archives as `torch.save` writes them, made by hand without PyTorch: also what no one should open."""

import struct
import zipfile
from pathlib import Path

TAKEN, BUILT, STOP = b"R", b"b", b"."


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word.encode()


def integer(n: int) -> bytes:
    return b"\x8a\x08" + struct.pack("<q", n)


def numbers(values) -> bytes:
    return b"(" + b"".join(integer(n) for n in values) + b"t"


def name(module: str, of: str) -> bytes:
    return f"c{module}\n{of}\n".encode()


def tensor(key: str, shape, strides=None, *, kind="DoubleStorage", offset=0, count=6) -> bytes:
    """A call of torch._utils._rebuild_tensor_v2."""
    if strides is None:
        strides, step = [], 1
        for n in reversed(shape):
            strides.insert(0, step)
            step *= n
    held = b"(" + text("storage") + name("torch", kind) + text(key) + text("cpu") + integer(count) + b"tQ"
    return (
        name("torch._utils", "_rebuild_tensor_v2") + b"(" + held + integer(offset) + numbers(shape) + numbers(strides)
        + b"\x89" + name("collections", "OrderedDict") + b")RtR"
    )  # fmt: skip


def module(kind: tuple[str, str], **attributes: bytes) -> bytes:
    """An object of a class with a state."""
    state = b"}(" + b"".join(text(key) + value for key, value in attributes.items()) + b"u"
    return name(*kind) + b")\x81" + state + BUILT


def archive(path: Path, pickled: bytes, *, folder="archive", compression=zipfile.ZIP_STORED, **files: bytes) -> Path:
    """A zip of data.pkl and of `data/KEY`, named data_KEY here; byteorder where it is given."""
    with zipfile.ZipFile(path, "w", compression) as made:
        made.writestr(f"{folder}/data.pkl", b"\x80\x02" + pickled + STOP)
        for key, content in files.items():
            made.writestr(f"{folder}/{key.replace('data_', 'data/')}", content)
    return path


def changed(source: Path, path: Path, replace=lambda content: content, left_out=()) -> Path:
    """A copy of an archive with another pickle."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            if info.filename.rpartition("/")[2] not in left_out:
                content = old.read(info)
                new.writestr(info.filename, replace(content) if info.filename.endswith("data.pkl") else content)
    return path
