"""Writes the torch files of the tests with PyTorch, and the SHA-256 of every tensor's dense little-endian bytes as
PyTorch reads them back.

    python make_torch_fixtures.py     (torch, numpy)
"""

import argparse
import collections
import hashlib
import io
import json
import pathlib
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import torch

FOLDER = pathlib.Path(__file__).parent.parent / "resources" / "dev" / "isomorph" / "formats" / "torch"
SHORT = {
    "float16": "f16", "float32": "f32", "float64": "f64", "bfloat16": "bf16", "int8": "i8", "int16": "i16",
    "int32": "i32", "int64": "i64", "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64", "bool": "bool",
    "complex64": "c64", "complex128": "c128", "float8_e4m3fn": "f8e4m3fn", "float8_e5m2": "f8e5m2",
    "float8_e4m3fnuz": "f8e4m3fnuz", "float8_e5m2fnuz": "f8e5m2fnuz", "float8_e8m0fnu": "f8e8m0",
}
generator = torch.Generator().manual_seed(11)
rows = []


def bits(dtype, *shape):
    width = torch.empty((), dtype=dtype).element_size()
    count = int(np.prod(shape)) * width
    raw = torch.randint(0, 256, (count,), generator=generator, dtype=torch.uint8)
    return (raw & 1).bool().reshape(shape) if dtype == torch.bool else raw.view(dtype).reshape(shape)


def raw_bytes(tensor):
    dense = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return dense.reshape(-1).view(torch.uint8).numpy().tobytes() if dense.numel() else b""


def walk(file, path, value):
    if isinstance(value, torch.Tensor):
        dims = ",".join(map(str, value.shape))
        dtype = SHORT[str(value.dtype).removeprefix("torch.")]
        rows.append(f"{file}\t{path}\t{dtype}\t[{dims}]\t{hashlib.sha256(raw_bytes(value)).hexdigest()}\n")
    elif isinstance(value, dict):
        for key, item in value.items():
            walk(file, f"{path}/{key}" if path else str(key), item)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            walk(file, f"{path}/{i}" if path else str(i), item)


def save(name, value, recorded=True, **options):
    torch.save(value, FOLDER / name, **options)
    if recorded:
        walk(name, "", torch.load(FOLDER / name, weights_only=False))


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(5, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.head = torch.nn.Linear(3, 5, bias=False)
        self.head.weight = self.embed.weight


def views():
    base = torch.arange(24, dtype=torch.float32)
    return {
        "base": base,
        "slice": base[4:10],
        "matrix": base.view(4, 6),
        "transposed": base.view(4, 6).t(),
        "step": base.view(4, 6)[::2, 1::2],
        "expanded": base[3:4].expand(3, 2, 1),
        "scalar": base[7],
        "empty": base[5:5],
        "channels_last": torch.arange(48.0).reshape(2, 4, 3, 2).contiguous(memory_format=torch.channels_last),
    }


def all_dtypes(legacy=False):
    """PyTorch cannot read back legacy files of dtypes that have no storage class of their own."""
    everything = {}
    for name in SHORT:
        if legacy and name.startswith(("uint16", "uint32", "uint64", "float8")):
            continue
        everything[name] = bits(getattr(torch, name), 3, 2)
    return everything


def big_endian(source, target):
    """Rewrites a little-endian zip as a big-endian machine would have written it."""
    widths = {"FloatStorage": 4, "DoubleStorage": 8, "LongStorage": 8, "ShortStorage": 2, "ComplexFloatStorage": 4}
    loaded = torch.load(FOLDER / source)
    keys = {}
    with zipfile.ZipFile(FOLDER / source) as zin:
        root = zin.namelist()[0].split("/")[0]
        data = zin.read(f"{root}/data.pkl")

        class Unpickler(pickle.Unpickler):
            def find_class(self, module, name):
                return name if name.endswith("Storage") else (lambda *a: a)

            def persistent_load(self, pid):
                keys[pid[2]] = widths.get(pid[1], 1)

        Unpickler(io.BytesIO(data)).load()
        with zipfile.ZipFile(FOLDER / target, "w") as zout:
            for name in zin.namelist():
                content = zin.read(name)
                if name.endswith("/byteorder"):
                    content = b"big"
                elif "/data/" in name:
                    width = keys[name.rsplit("/", 1)[1]]
                    content = np.frombuffer(content, np.uint8).reshape(-1, width)[:, ::-1].tobytes()
                elif name.endswith("serialization_id"):
                    continue
                zout.writestr(name, content)
    walk(target, "", torch.load(FOLDER / target))
    again = torch.load(FOLDER / target)
    assert all(torch.equal(again[k], loaded[k]) for k in loaded)


def old_tar(name):
    """The container of PyTorch 0.1, byte for byte as `_load_from_tar` expects it."""
    values = torch.arange(6, dtype=torch.float32)

    def member(parts):
        return b"".join(parts)

    dump = lambda value: pickle.dumps(value, 2)
    storage_class = b"ctorch\nFloatStorage\n"
    tensor_class = b"ctorch\nFloatTensor\n"
    header = b"\x80\x02(K\x07X\x03\x00\x00\x00cpu" + storage_class + b"t."
    storages = member([dump(1), header, struct.pack("<q", 6), values.numpy().tobytes(),
                       dump([(8, 7, 2, 3)])])
    tensors = member([
        dump(2),
        b"\x80\x02(K\x01K\x07" + tensor_class + b"t.", struct.pack("<i", 2), b"\0" * 4,
        struct.pack("<2q", 2, 3), struct.pack("<2q", 3, 1), struct.pack("<q", 0),
        b"\x80\x02(K\x02K\x08" + tensor_class + b"t.", struct.pack("<i", 1), b"\0" * 4,
        struct.pack("<q", 2), struct.pack("<q", 1), struct.pack("<q", 1),
    ])
    root = b"\x80\x02}(X\x01\x00\x00\x00wX\x01\x00\x00\x001QX\x01\x00\x00\x00vX\x01\x00\x00\x002Qu."
    with tarfile.open(FOLDER / name, "w") as tar:
        for entry, content in (("storages", storages), ("tensors", tensors), ("pickle", root)):
            info = tarfile.TarInfo(entry)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    walk(name, "", torch.load(FOLDER / name, weights_only=False))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(5)
    model = Tied()
    save("views.pt", views())
    save("views_legacy.pt", views(), _use_new_zipfile_serialization=False)
    save("dtypes.pt", all_dtypes())
    save("dtypes_legacy.pt", all_dtypes(legacy=True), _use_new_zipfile_serialization=False)
    save("state_dict.pt", model.state_dict())
    save("state_dict_legacy.pth", model.state_dict(), _use_new_zipfile_serialization=False)
    for protocol in (1, 3, 4, 5):
        save(f"protocol{protocol}.pt", {"w": bits(torch.float32, 4), "n": 10**30, "big": -(2**70), "b": b"\x00\xff",
                                        "t": ("ä\ud800", 1.5, None, True, {1, 2}, frozenset([3]), [1 << 20, -5, 300])},
             pickle_protocol=protocol)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model(torch.tensor([1, 2])) if False else model.head(model.norm(model.embed(torch.tensor([1, 2, 3])))).sum().backward()
    optimizer.step()
    checkpoint = {
        "epoch": 3, "model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
        "best_loss": torch.tensor(0.25), "args": argparse.Namespace(lr=0.01, name="x"),
        "history": collections.defaultdict(list, {"loss": [1.0, 0.5]}), "rng": torch.get_rng_state()[:16].clone(),
        "numpy": np.arange(6, dtype=np.float32).reshape(2, 3), "np_scalar": np.float64(0.125),
        "fortran": np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3)), "objects": np.array([{1: 2}], object),
        "dtype": torch.bfloat16, "size": torch.Size([1, 2]), "device": torch.device("cuda", 1), "complex": 1 - 2j,
    }
    save("checkpoint.pt", checkpoint)
    save("data_parallel.pt", {"state_dict": torch.nn.DataParallel(model).state_dict(), "epoch": 1})
    save("module.pt", model, recorded=False)
    save("parameters.pt", {"p": torch.nn.Parameter(torch.ones(2)), "frozen": torch.nn.Parameter(torch.ones(1), False),
                           "buffer": torch.nn.Buffer(torch.zeros(2)), "grad": torch.ones(2, requires_grad=True)})
    attributed = torch.nn.Parameter(torch.ones(3))
    attributed.tag = "kept"
    save("attributes.pt", {"a": attributed, "b": attributed})
    complex_value = bits(torch.complex64, 2, 3)
    save("conjugated.pt", {"conj": torch.arange(6.0).view(3, 2).to(torch.complex64).mul(1 + 2j).conj(),
                           "neg": (torch.arange(3.0) + 1j * torch.arange(3.0)).conj().imag,
                           "plain": complex_value})
    save("big.pt", {"f": bits(torch.float32, 5), "d": bits(torch.float64, 2, 2).t(), "i": bits(torch.int16, 3),
                    "l": bits(torch.int64, 2), "b": bits(torch.bool, 4), "c": bits(torch.complex64, 2)}, recorded=False)
    big_endian("big.pt", "big_endian.pt")
    (FOLDER / "big.pt").unlink()
    quantized = torch.quantize_per_tensor(torch.arange(6.0), 0.5, 3, torch.quint8)
    channel = torch.quantize_per_channel(torch.arange(6.0).view(2, 3), torch.tensor([0.5, 0.25]), torch.tensor([0, 1]), 0,
                                         torch.qint8)
    indices = torch.tensor([[0, 1], [2, 0]])
    save("unusual.pt", {
        "quantized": quantized, "channel": channel, "sparse": torch.sparse_coo_tensor(indices, torch.ones(2), (2, 3)),
        "csr": torch.eye(3).to_sparse_csr(), "meta": torch.empty(2, device="meta"), "half_complex":
        torch.zeros(2, dtype=torch.complex32), "float4": torch.arange(8, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
        .reshape(2, 4), "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])}, recorded=False)
    old_tar("old.tar")
    with open(FOLDER / "sklearn_like.pkl", "wb") as f:
        pickle.dump({"coef_": np.arange(4.0), "n": np.int64(3)}, f, protocol=4)
    base = torch.arange(6.0)
    for protocol in (2, 4):
        with open(FOLDER / f"dumped{protocol}.pkl", "wb") as f:
            pickle.dump({"w": base.view(2, 3).t(), "b": base[1:3], "p": torch.nn.Parameter(torch.ones(2))}, f, protocol)
        with open(FOLDER / f"dumped{protocol}.pkl", "rb") as f:
            walk(f"dumped{protocol}.pkl", "", pickle.load(f))
    shard = {"pytorch_model-00001-of-00002.bin": {"a": torch.arange(3.0)},
             "pytorch_model-00002-of-00002.bin": {"b": torch.arange(4)}}
    for file, tensors in shard.items():
        save(file, tensors)
    (FOLDER / "pytorch_model.bin.index.json").write_text(
        json.dumps({"weight_map": {n: f for f, t in shard.items() for n in t}}))
    for protocol in range(6):
        with open(FOLDER / f"plain{protocol}.pkl", "wb") as f:
            pickle.dump({"n": 10**30, "big": -(2**70), "small": [-1, 255, 256, 65536, 2**31], "bytes": b"\x00\xff",
                         "text": ("ä\ud800", "a\nb'"), "values": [1.5, float("-inf"), None, True, False],
                         "set": {1}, "frozen": frozenset([3]), "c": 1 - 2j, "s": slice(1, None, 2),
                         "r": range(1, 9, 3), "ba": bytearray(b"xy"), "args": argparse.Namespace(lr=0.5)}, f, protocol)
    script = torch.jit.script(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()))
    torch.jit.save(script, FOLDER / "script.pt")
    (FOLDER / "digests.tsv").write_text("".join(rows))


if __name__ == "__main__":
    main()
