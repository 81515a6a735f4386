"""Writes the npy, npz and safetensors files of the tests with NumPy and the safetensors library, and the SHA-256 of
every tensor's dense little-endian bytes as these libraries read them back.

    python make_array_fixtures.py     (numpy, ml_dtypes, torch, safetensors)
"""

import hashlib
import json
import pathlib

import numpy as np
import safetensors.torch
import torch

ROOT = pathlib.Path(__file__).parent.parent / "resources" / "dev" / "isomorph" / "formats"
SHORT = {
    "float16": "f16", "float32": "f32", "float64": "f64", "bfloat16": "bf16", "int8": "i8", "int16": "i16",
    "int32": "i32", "int64": "i64", "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64", "bool": "bool",
    "complex64": "c64", "complex128": "c128", "float8_e4m3fn": "f8e4m3fn", "float8_e5m2": "f8e5m2",
    "float8_e4m3fnuz": "f8e4m3fnuz", "float8_e5m2fnuz": "f8e5m2fnuz",
}
rng = np.random.default_rng(20260101)


def random(dtype, shape):
    dtype = np.dtype(dtype)
    raw = rng.integers(0, 256, int(np.prod(shape)) * dtype.itemsize, dtype=np.uint8)
    if dtype.kind == "b":
        return (raw & 1).astype(bool).reshape(shape)
    return raw.view(dtype).reshape(shape)


def row(file, name, array):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    digest = hashlib.sha256(little.tobytes()).hexdigest()
    dims = ",".join(map(str, array.shape))
    return f"{file}\t{name}\t{SHORT[array.dtype.name]}\t[{dims}]\t{digest}\n"


def make_npy():
    folder = ROOT / "numpy"
    rows = []
    codes = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16"]
    for code in codes:
        for order in "<>":
            for fortran in (False, True):
                array = random(order + code, (2, 3, 5))
                if fortran:
                    array = np.asfortranarray(array)
                name = f"{code}_{'big' if order == '>' else 'little'}{'_fortran' if fortran else ''}.npy"
                np.save(folder / name, array)
                rows.append(row(name, "", np.load(folder / name)))
    for name, array, version in [
        ("scalar.npy", np.float32(1.5), (1, 0)),
        ("empty.npy", np.zeros((0, 7), np.int16), (1, 0)),
        ("vector_v2.npy", random("<f4", (7,)), (2, 0)),
        ("vector_v3.npy", random("<f4", (7,)), (3, 0)),
    ]:
        with open(folder / name, "wb") as f:
            np.lib.format.write_array(f, np.asarray(array), version=version)
        rows.append(row(name, "", np.load(folder / name)))
    np.save(folder / "text.npy", np.array([["ab", "", "grün"], ["x", "yz", "🙂"]]))
    np.save(folder / "text_fortran_big.npy", np.asfortranarray(np.array([["ab", "", "grün"], ["x", "yz", "🙂"]], ">U4")))
    np.save(folder / "bytes.npy", np.array([b"abc", b"", b"z"]))
    np.save(folder / "objects.npy", np.array([{"a": 1}, None], object), allow_pickle=True)
    np.save(folder / "records.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
    import ml_dtypes

    np.save(folder / "bfloat16.npy", np.arange(4, dtype=np.float32).astype(ml_dtypes.bfloat16))
    arrays = {"a": random("<f4", (3, 4)), "group/b": random("<i8", (5,)), "c": np.asfortranarray(random(">f8", (2, 3)))}
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "deflated.npz", **arrays)
    for file in ("stored.npz", "deflated.npz"):
        with np.load(folder / file) as loaded:
            rows += [row(file, name, loaded[name]) for name in loaded.files]
    (folder / "digests.tsv").write_text("".join(rows))


def torch_row(file, name, tensor):
    dense = tensor.detach().contiguous()
    raw = dense.reshape(-1).view(torch.uint8).numpy().tobytes() if dense.numel() else b""
    dtype = SHORT[str(dense.dtype).removeprefix("torch.")]
    dims = ",".join(map(str, dense.shape))
    return f"{file}\t{name}\t{dtype}\t[{dims}]\t{hashlib.sha256(raw).hexdigest()}\n"


def make_safetensors():
    folder = ROOT / "safetensors"
    generator = torch.Generator().manual_seed(7)

    def bits(dtype, shape):
        width = torch.empty((), dtype=dtype).element_size()
        raw = torch.randint(0, 256, (int(np.prod(shape)) * width,), generator=generator, dtype=torch.uint8)
        return (raw & 1).bool().reshape(shape) if dtype == torch.bool else raw.view(dtype).reshape(shape)

    names = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
             "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "complex64",
             "uint16", "uint32", "uint64"]
    everything = {n: bits(getattr(torch, n), (3, 2)) for n in names}
    everything["scalar"] = torch.tensor(2.5)
    everything["empty"] = torch.zeros(0, 4)
    safetensors.torch.save_file(everything, folder / "dtypes.safetensors", {"format": "pt", "note": "näh"})

    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = torch.nn.Embedding(5, 3)
            self.head = torch.nn.Linear(3, 5, bias=False)
            self.head.weight = self.embed.weight

    torch.manual_seed(3)
    safetensors.torch.save_model(Tied(), str(folder / "tied.safetensors"))
    parts = {"model-00001-of-00002.safetensors": {"a": bits(torch.float32, (4,)), "b": bits(torch.int64, (2, 2))},
             "model-00002-of-00002.safetensors": {"c": bits(torch.bfloat16, (3,))}}
    for file, tensors in parts.items():
        safetensors.torch.save_file(tensors, folder / file, {"format": "pt"})
    index = {"metadata": {"total_size": 54}, "weight_map": {n: f for f, t in parts.items() for n in t}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
    rows = []
    for path in sorted(folder.glob("*.safetensors")):
        for name, tensor in sorted(safetensors.torch.load_file(path).items()):
            rows.append(torch_row(path.name, name, tensor))
    (folder / "digests.tsv").write_text("".join(rows))


if __name__ == "__main__":
    for part in ("numpy", "safetensors"):
        (ROOT / part).mkdir(parents=True, exist_ok=True)
    make_npy()
    make_safetensors()
