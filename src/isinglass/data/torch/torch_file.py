# SPDX-License-Identifier: Apache-2.0
"""What `torch.save` wrote: a zip archive of one pickle and the bytes of its tensors.  PyTorch is not needed.

The pickle is read as data, and calls nothing; the tensors are arrays of the bytes beside it.
Ref: PyTorch, docs/source/notes/serialization.rst, format version 3.
"""

import io
import math
import zipfile
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from isinglass.data.torch.pickled import PickledObject, pickle_contents
from isinglass.errors import InputError
from isinglass.run.input.regular_file import file_size

__all__ = ["TorchFile", "TorchModule", "read_torch"]

KINDS = {"DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "BFloat16Storage": "u2", "LongStorage": "i8",
         "IntStorage": "i4", "ShortStorage": "i2", "CharStorage": "i1", "ByteStorage": "u1",
         "BoolStorage": "?"}  # fmt: skip
TENSOR = "torch._utils._rebuild_tensor_v2"
PARAMETER = ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state")
AXES = 16
AGAIN = "write the file again: torch.save(model, 'mace.model')"
WHOLE = "a whole model as torch.save(model, path) writes it"


class TorchFile(NamedTuple):
    """An archive that is open, and what its pickle describes."""

    name: str
    archive: zipfile.ZipFile
    folder: str  # of the names in the archive
    root: Any  # plain values and records
    order: Literal["<", ">"]  # of bytes: little, big

    def array(self, tensor: Any, where: str) -> np.ndarray:
        """The numbers of a tensor, in its shape; bfloat16 as float32.  Errors: InputError for what is none."""
        if isinstance(tensor, PickledObject) and tensor.name in PARAMETER and tensor.arguments:
            tensor = tensor.arguments[0]
        try:
            if not isinstance(tensor, PickledObject) or tensor.name != TENSOR:
                raise TypeError("no tensor")  # noqa: TRY301
            storage, offset, shape, strides = tensor.arguments[:4]
            flat = self.storage(storage)
            return strided(flat, whole_numbers((offset,))[0], whole_numbers(shape), whole_numbers(strides))
        except (ValueError, TypeError, IndexError, KeyError) as error:
            reason = (str(error).splitlines() or [""])[0] or type(error).__name__
            raise InputError(f"a tensor {where} in {self.name}", reason, AGAIN) from None

    def storage(self, persistent: Any) -> np.ndarray:
        """The numbers of a storage.  Raises ValueError, TypeError, KeyError for what is none."""
        if not isinstance(persistent, PickledObject) or persistent.name != "persistent":
            raise TypeError("no storage")
        word, kind, key, _, count = persistent.arguments[0]
        if word != "storage" or not isinstance(kind, PickledObject) or not isinstance(key, str):
            raise TypeError("no storage")
        kind_name = kind.name.rpartition(".")[2]
        if kind_name not in KINDS:
            raise ValueError(f"a {kind_name}")
        (count,) = whole_numbers((count,))
        content = entry(self.archive, f"{self.folder}data/{key}")
        code = KINDS[kind_name]
        found = np.frombuffer(content, np.dtype(code).newbyteorder(self.order))
        if len(found) < count:
            raise ValueError(f"{len(found)} of {count} numbers in {self.folder}data/{key}")
        native = found[:count].astype(code)
        return (native.astype(np.uint32) << 16).view(np.float32) if kind_name == "BFloat16Storage" else native


class TorchModule(NamedTuple):
    """A torch.nn.Module in a file: its class by name, parameters, buffers, submodules and other attributes."""

    file: TorchFile
    record: PickledObject
    path: str = "model"

    @property
    def kind(self) -> str:
        """The name of its class."""
        return self.record.name.rpartition(".")[2]

    def found(self, name: str) -> Any:
        """A parameter, buffer, submodule or attribute.  Raises KeyError where there is none."""
        state = self.record.state if isinstance(self.record.state, dict) else {}
        for group in ("_parameters", "_buffers", "_modules"):
            if name in (held := entries(state.get(group))):
                return held[name]
        return state[name]

    def has(self, name: str) -> bool:
        """Whether it has an attribute, which is not None."""
        try:
            return self.found(name) is not None
        except KeyError:
            return False

    def value(self, name: str, *default: Any) -> Any:
        """An attribute, or the default.  Errors: InputError where there is neither."""
        try:
            return self.found(name)
        except KeyError:
            if default:
                return default[0]
            raise InputError(f"{self.path}.{name} in {self.file.name}", f"a {self.kind} without it",
                             "save the model again with a recent mace-torch, 0.3.0 or later") from None  # fmt: skip

    def array(self, name: str) -> np.ndarray:
        """A parameter or buffer as numbers.  Errors: as `value` and `TorchFile.array`."""
        return self.file.array(self.value(name), f"{self.path}.{name}")

    def number(self, name: str) -> float:
        """One finite number: an attribute, also of NumPy, or a tensor.  Errors: InputError for anything else."""
        value = self.value(name)
        if isinstance(value, PickledObject) and value.name.endswith(".multiarray.scalar"):
            value = numpy_scalar(value)
        plain = isinstance(value, int | float)
        found = np.array([value]) if plain else self.array(name).reshape(-1)
        if len(found) != 1 or not np.isfinite(found).all():
            expected = f"one finite number {self.path}.{name} in {self.file.name}"
            raise InputError(expected, str(found[:3].tolist()), AGAIN)
        return float(found[0])

    def module(self, name: str) -> "TorchModule":
        """A submodule, of dots several deep.  Errors: InputError where there is none."""
        here = self
        for part in name.split("."):
            below = here.value(part)
            if not isinstance(below, PickledObject):
                raise InputError(f"a module {here.path}.{part} in {self.file.name}", type(below).__name__, AGAIN)
            here = TorchModule(self.file, below, f"{here.path}.{part}")
        return here

    def children(self, name: str) -> list["TorchModule"]:
        """The modules of a ModuleList, in order."""
        held = self.module(name)
        state = held.record.state if isinstance(held.record.state, dict) else {}
        return [held.module(str(k)) for k in range(len(entries(state.get("_modules"))))]


def read_torch(path: str | Path) -> TorchFile:
    """The file, open.  Errors: InputError for what `torch.save` did not write, is cut off, or holds no whole model."""
    path = Path(path)
    file_size(path, "a model of PyTorch")
    content = path.read_bytes()
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        found = "a pickle without an archive, of PyTorch before 1.6" if content[:1] == b"\x80" else str(error).lower()
        raise InputError(WHOLE, f"{path.name}, {found}", AGAIN) from None
    pickles = [name for name in names if name.rpartition("/")[2] == "data.pkl"]
    if any(name.rpartition("/")[2] == "constants.pkl" for name in names):
        raise InputError(
            WHOLE, f"{path.name}, a program of TorchScript (torch.jit.save)", "name the file that was compiled"
        )
    if len(pickles) != 1:
        raise InputError(WHOLE, f"{path.name}, an archive of other files", "name a model of mace-torch")
    folder = pickles[0].removesuffix("data.pkl")
    try:
        order = entry(archive, f"{folder}byteorder") if f"{folder}byteorder" in names else b"little"
        pickled = entry(archive, pickles[0])
    except ValueError as error:
        raise InputError(WHOLE, f"{path.name}, {error}", AGAIN) from None
    if order not in (b"little", b"big"):
        raise InputError(f"bytes in little or big order in {path.name}", repr(order[:20]), AGAIN)
    return TorchFile(
        path.name, archive, folder, pickle_contents(pickled, path.name), "<" if order == b"little" else ">"
    )


def entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a file in the archive, which are stored as they are.  Raises ValueError where they are not."""
    try:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:  # PyTorch never compresses; what is packed may be of any size
            raise ValueError(f"{name} is compressed")
        return archive.read(info)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"no {name}" if isinstance(error, KeyError) else f"{name} is damaged") from None


def strided(flat: np.ndarray, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """x_ij.. = flat at offset + i s_0 + j s_1 + ..  Raises ValueError for a tensor larger than what is stored."""
    if len(shape) != len(strides) or len(shape) > AXES:
        raise ValueError(f"{len(shape)} lengths and {len(strides)} strides")
    if math.prod(shape) > len(flat):
        raise ValueError(f"{math.prod(shape)} numbers in the place of {len(flat)}")
    if 0 in shape:
        return np.zeros(shape, flat.dtype)
    if offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) >= len(flat):
        raise ValueError(f"numbers beyond the {len(flat)} that are stored")
    byte_strides = [s * flat.itemsize for s in strides]
    return np.lib.stride_tricks.as_strided(flat[offset:], shape, byte_strides, writeable=False).copy()


def numpy_scalar(scalar: PickledObject) -> float:
    """The number that NumPy pickles as its type and its bytes; NaN where it is no int or float."""
    try:
        kind, held = scalar.arguments
        if isinstance(held, PickledObject):  # bytes in old pickles: text and the name of its encoding
            held = held.arguments[0].encode("latin1")
        code = {"f8": "f8", "f4": "f4", "i8": "i8"}[kind.arguments[0]]
        return float(np.frombuffer(held, ("<" if kind.state[1] != ">" else ">") + code)[0])
    except (ValueError, TypeError, AttributeError, IndexError, KeyError):
        return float("nan")


def whole_numbers(values: Any) -> tuple[int, ...]:
    """The numbers.  Raises TypeError, ValueError where one is no integer of 0 or more that counts bytes."""
    if not all(type(value) is int for value in values):
        raise TypeError("sizes that are no integers")
    if not all(0 <= value < 2**48 for value in values):
        raise ValueError("sizes out of range")
    return tuple(values)


def entries(held: Any) -> dict[Any, Any]:
    """Key -> value of a dict, or of the record of an OrderedDict."""
    if isinstance(held, dict):
        return held
    if not isinstance(held, PickledObject):
        return {}
    given = held.arguments[0] if held.arguments else []
    pairs = (
        [tuple(pair) for pair in given if isinstance(pair, list | tuple) and len(pair) == 2]
        if isinstance(given, list)
        else []
    )
    return {key: value for key, value in pairs if isinstance(key, str)} | held.entries
