# SPDX-License-Identifier: Apache-2.0
"""Files of PyTorch without it: numbers as they were stored, code never run, one line for what cannot be read."""

import pickle
import sys
import time
import zipfile

import numpy as np
import pytest
from tests.data.torch.archives import BUILT, TAKEN, archive, changed, integer, module, name, tensor, text

from isinglass.data.torch.pickled import PickledObject, pickle_contents
from isinglass.data.torch.torch_file import TorchModule, read_torch
from isinglass.errors import InputError

SIX = np.arange(6.0)


def read(path, pickled, **files):
    """The array of the tensor in an archive."""
    file = read_torch(archive(path / "one.pt", pickled, **files))
    return file.array(file.root, "here")


@pytest.mark.parametrize(
    ("kind", "code"),
    [("DoubleStorage", "f8"), ("FloatStorage", "f4"), ("HalfStorage", "f2"), ("LongStorage", "i8"),
     ("IntStorage", "i4"), ("ShortStorage", "i2"), ("CharStorage", "i1"), ("ByteStorage", "u1")],
)  # fmt: skip
@pytest.mark.parametrize(("order", "word"), [("<", b"little"), (">", b"big")])
def test_numbers_of_every_type_and_order_of_bytes(tmp_path, kind, code, order, word):
    found = read(tmp_path, tensor("0", (2, 3), kind=kind), data_0=SIX.astype(order + code).tobytes(), byteorder=word)
    np.testing.assert_array_equal(found, SIX.reshape(2, 3))
    assert found.dtype == np.dtype(code)


def test_half_of_a_float32_is_a_bfloat16(tmp_path):
    """1, -2.5, 3.140625 as 0x3F80, 0xC020, 0x4049: the upper halves of float32."""
    stored = np.array([0x3F80, 0xC020, 0x4049], np.uint16)
    for order, word in (("<u2", b"little"), (">u2", b"big")):
        found = read(tmp_path, tensor("0", (3,), kind="BFloat16Storage", count=3),
                     data_0=stored.astype(order).tobytes(), byteorder=word)  # fmt: skip
        np.testing.assert_array_equal(found, [1.0, -2.5, 3.140625])


def test_strides_offsets_and_shared_storages(tmp_path):
    """The transpose, a column, and a scalar of one storage."""
    stored = {"data_0": SIX.tobytes()}
    np.testing.assert_array_equal(read(tmp_path, tensor("0", (3, 2), (1, 3)), **stored), SIX.reshape(2, 3).T)
    np.testing.assert_array_equal(read(tmp_path, tensor("0", (2,), (3,), offset=1), **stored), [1, 4])
    assert read(tmp_path, tensor("0", (), (), offset=5), **stored) == 5
    assert read(tmp_path, tensor("0", (0, 3)), **stored).shape == (0, 3)
    both = b"(" + tensor("0", (2,)) + tensor("0", (2,), offset=4) + b"t"
    file = read_torch(archive(tmp_path / "two.pt", both, **stored))
    np.testing.assert_array_equal([file.array(one, "here") for one in file.root], [[0, 1], [4, 5]])


@pytest.mark.parametrize("value", [2.5, 3, np.float64(2.5), np.float32(0.1), np.int64(-7)])
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_number_is_read_also_where_it_is_one_of_numpy(tmp_path, value, protocol):
    pickled = pickle.dumps({"x": value}, protocol)[2:-1]
    path = archive(tmp_path / "one.pt", name("a", "B") + b")\x81" + pickled + BUILT)
    file = read_torch(path)
    assert TorchModule(file, file.root).number("x") == value


@pytest.mark.parametrize("value", [float("nan"), np.float64("inf"), np.complex128(1), "2.5", None])
def test_what_is_no_number(tmp_path, value):
    pickled = pickle.dumps({"x": value}, 2)[2:-1]
    file = read_torch(archive(tmp_path / "one.pt", name("a", "B") + b")\x81" + pickled + BUILT))
    with pytest.raises(InputError):
        TorchModule(file, file.root).number("x")


def test_modules_of_old_and_new_versions(tmp_path):
    """Groups of a module as dicts, as OrderedDicts with what is set later, or with the pairs that made them."""
    pairs = name("collections", "OrderedDict") + b"(](" + b"](" + text("w") + integer(3) + b"eet" + TAKEN
    later = name("collections", "OrderedDict") + b")" + TAKEN + b"(" + text("w") + integer(3) + b"u"
    for group in (b"}(" + text("w") + integer(3) + b"u", later, pairs):
        path = archive(tmp_path / "one.pt", module(("a", "B"), _parameters=group))
        file = read_torch(path)
        assert TorchModule(file, file.root).value("w") == 3
    with pytest.raises(InputError, match="without it"):
        TorchModule(file, file.root).value("b")


@pytest.mark.parametrize(
    ("pickled", "said"),
    [
        (tensor("0", (7,)), "7 numbers in the place of 6"),
        (tensor("0", (3,), offset=4), "beyond the 6"),
        (tensor("0", (2, 2), (5, 1)), "beyond the 6"),
        (tensor("0", (10**12,), (0,)), "in the place of 6"),
        (tensor("0", (10**9, 10**9)), "in the place of 6"),
        (tensor("0", (2,), (-1,), offset=3), "out of range"),
        (tensor("0", (2,), offset=-1), "out of range"),
        (tensor("0", (6,), count=7), "6 of 7 numbers"),
        (tensor("1", (2,)), "no archive/data/1"),
        (tensor("0", (1,) * 40), "40 lengths"),
        (tensor("0", (2,), kind="ComplexDoubleStorage"), "ComplexDoubleStorage"),
        (text("a word"), "no tensor"),
    ],
)
def test_tensors_that_are_none(tmp_path, pickled, said):
    with pytest.raises(InputError, match=said) as raised:
        read(tmp_path, pickled, data_0=SIX.tobytes())
    assert "\n" not in str(raised.value)


class Planted:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return exec, (self.command,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_code_in_a_file_is_never_run(tmp_path, protocol):
    """Pickle itself runs it; here it is the record of a call, of which nothing was made."""
    command = f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()"
    content = pickle.dumps({"weights": Planted(command), "plain": [1, 2.5, "three", (True, None)]}, protocol)
    found = pickle_contents(content, "a file")
    assert not (tmp_path / "ran").exists()
    assert found["weights"].name.endswith(".exec")
    assert found["weights"].arguments == (command,)
    assert found["plain"] == [1, 2.5, "three", (True, None)]
    pickle.loads(content)  # noqa: S301 - the planted file is one that does run code
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "called",
    [
        name("os", "system") + b"(" + text("true") + b"t" + TAKEN,
        name("this", "s") + b")" + TAKEN,
        text("this") + text("s") + b"\x93)" + TAKEN,
        name("this", "s") + b")\x81" + b"}" + BUILT,
        name("builtins", "getattr") + b"(" + name("this", "s") + text("mro") + b"t" + TAKEN + b")" + TAKEN,
    ],
)
def test_nothing_that_is_named_is_imported(tmp_path, called):
    """The module `this` prints a poem when it is imported."""
    before = set(sys.modules)
    file = read_torch(archive(tmp_path / "evil.pt", called))
    assert isinstance(file.root, PickledObject)
    assert set(sys.modules) == before
    assert "this" not in sys.modules


def test_what_would_take_forever_or_all_memory_does_not(tmp_path):
    """Tuples that double 80 times as a key; memory cells of number 2³¹; lengths that are claimed and not there."""
    begun = time.perf_counter()
    doubled = b"".join(b"0h%ch%c\x86q%c" % (k, k, k + 1) for k in range(80))
    assert pickle_contents(b"\x80\x02})q\x00" + doubled + b"K\x01s.", "a file") == {}  # its hash is a sum of 2⁸⁰ terms
    long = 20_000  # a stack of marks, and a tall one with a mark at its top: no look at all of it each time
    with pytest.raises(InputError):
        pickle_contents(b"\x80\x02" + b"K\x01" * long + b"(" * long + b"1" * long + b"(t0" * long + b"R.", "a file")
    far = b"\x80\x02K\x07r\xff\xff\xff\x7f0j\xff\xff\xff\x7f."
    assert pickle_contents(far, "a file") == 7
    for claimed in (b"\x96" + b"\xff" * 7 + b"\x7f", b"\x8e" + b"\xff" * 7 + b"\x7f", b"\x8d\0\0\0\0\0\0\0\x01",
                    b"X\xff\xff\xff\x7f", b"\x8b\xff\xff\xff\x7f"):  # fmt: skip
        with pytest.raises(InputError, match="whole"):
            pickle_contents(b"\x80\x05" + claimed + b"abc.", "a file")
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    "content",
    [b"", b".", b"0.", b"a.", b"(.", b"t.", b"R.", b"K\x01K\x02R.", b"K\x01}b.", b"h\x05.", b"K\x01", b"\xff.",
     b"i__builtin__\nlen\n.", b"\x82\x01.", b"P1\n.", b"\x97.", b"}K\x01s.", b"(K\x01d.",
     b"K\x01K\x02\x93.", b"K\x01\x97.", b"K\x01\x82\x01.", b"K\x01P1\n."],
)  # fmt: skip
def test_what_is_no_pickle(content):
    """Also opcodes of old classes, of registered extensions, of buffers beside the file: none is carried out."""
    with pytest.raises(InputError) as raised:
        pickle_contents(content, "a file")
    assert "\n" not in str(raised.value)


def test_every_truncation_and_many_changed_bytes_are_one_line(tmp_path):
    """Or still a file: never another error, never a call."""
    whole = archive(tmp_path / "a.pt", module(("a", "B"), x=tensor("0", (2, 3)), y=integer(4)), data_0=SIX.tobytes())
    content, random = whole.read_bytes(), np.random.default_rng(0)
    broken = [content[:k] for k in range(1, len(content), 7)]
    for _ in range(400):
        bad = bytearray(content)
        bad[random.integers(len(bad))] = random.integers(256)
        broken.append(bytes(bad))
    refused = 0
    for k, one in enumerate(broken):
        path = tmp_path / f"{k}.pt"
        path.write_bytes(one)
        try:
            file = read_torch(path)
            TorchModule(file, file.root).array("x") if isinstance(file.root, PickledObject) else None
        except InputError as error:
            refused += "\n" not in str(error)
    assert refused > len(content) // 7


def test_files_of_other_kinds(tmp_path):
    def said(content=None, path=tmp_path / "x.pt"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError) as raised:
            read_torch(path)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    assert "before 1.6" in said(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")
    assert "not a zip file" in said(b"not a model")
    assert "an empty file" in said(b"")
    assert "a folder" in said(path=tmp_path)
    assert "no such file" in said(path=tmp_path / "none.pt")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("readme.txt", "hello")
    assert "an archive of other files" in said(path=tmp_path / "other.zip")
    assert "TorchScript" in said(path=archive(tmp_path / "jit.pt", b"N", **{"constants.pkl": b"", "code": b""}))
    packed = archive(tmp_path / "packed.pt", b"N", compression=zipfile.ZIP_DEFLATED)
    assert "compressed" in said(path=packed)
    assert "little or big" in said(path=archive(tmp_path / "order.pt", b"N", byteorder=b"middle"))
    inner = changed(archive(tmp_path / "a.pt", b"N"), tmp_path / "b.pt", left_out=("data.pkl",))
    assert "other files" in said(path=inner)
