"""Reads with PyTorch, safetensors and NumPy what the writers wrote, and compares every tensor's digest.

    mvn -pl formats -am test -Dtest=TorchWriterTest -Disomorph.written=DIR -Dsurefire.failIfNoSpecifiedTests=false
    python check_written.py DIR
"""

import collections
import hashlib
import json
import pathlib
import sys

import numpy as np
import safetensors.torch
import torch

folder = pathlib.Path(sys.argv[1])
expected = collections.defaultdict(dict)
for line in (folder / "digests.tsv").read_text().splitlines():
    file, name, _, digest = line.split("\t")
    expected[file][name] = digest


def digest(tensor):
    if isinstance(tensor, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(tensor).tobytes()).hexdigest()
    dense = tensor.contiguous()
    raw = dense.reshape(-1).view(torch.uint8).numpy().tobytes() if dense.numel() else b""
    return hashlib.sha256(raw).hexdigest()


def check(file, tensors):
    want = expected[file]
    assert set(tensors) == set(want), (file, set(tensors) ^ set(want))
    for name, tensor in tensors.items():
        assert digest(tensor) == want[name], (file, name)
    print(f"{file}: {len(want)} tensors")


for file in expected:
    path = folder / file
    if path.suffix == ".pt":
        loaded = torch.load(path, weights_only=True)
        check(file, loaded)
        if not file.endswith("_old.pt"):
            check(file, torch.load(path, weights_only=True, mmap=True))
        if file.startswith("state_dict"):
            assert loaded["embed.weight"].data_ptr() == loaded["head.weight"].data_ptr()
            assert list(loaded)[0] == "embed.weight" and loaded._metadata["norm"] == {"version": 2}
        if file.startswith("views"):
            assert loaded["slice"].untyped_storage().data_ptr() == loaded["base"].untyped_storage().data_ptr()
    elif path.suffix == ".safetensors":
        loaded = dict(safetensors.torch.load_file(path))
        with safetensors.safe_open(path, "pt") as opened:
            metadata = opened.metadata()
        assert metadata.pop("format") == "pt"
        for alias, kept in metadata.items():
            if kept in loaded and alias != "note":
                loaded[alias] = loaded[kept]
        check(file, loaded)
    else:
        with np.load(path) as loaded:
            check(file, {name: loaded[name] for name in loaded.files})


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(5, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.head = torch.nn.Linear(3, 5, bias=False)
        self.head.weight = self.embed.weight


model = Tied()
print(model.load_state_dict(torch.load(folder / "state_dict_zip.pt", weights_only=True)))
print(safetensors.torch.load_model(Tied(), folder / "state_dict.safetensors"))
index = json.loads((folder / "shards.safetensors.index.json").read_text())
for name, shard in index["weight_map"].items():
    with safetensors.safe_open(folder / shard, "pt") as opened:
        assert name in opened.keys() or opened.metadata()[name] in opened.keys(), name
print("shards:", sorted(set(index["weight_map"].values())), index["metadata"])
