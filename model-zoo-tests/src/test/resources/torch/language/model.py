"""Python as people write it in model files: one class for each corner of the language."""

from __future__ import annotations

import copy
import functools
import itertools
import math
import typing as t
from abc import ABC, abstractmethod
from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple, Union

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

import blocks
from blocks import DEFAULT_WIDTH as WIDTH
from blocks import init_weights, make_activation
from parts import Scale, scaled

try:
    from timm.models.layers import DropPath
except ImportError:
    DropPath = None

__all__ = ["Inheritance", "Config"]


# Inheritance: abstract base, cooperative super(), class attributes, properties, static and class methods.
class Base(nn.Module, ABC):
    expansion: int = 1
    names = ("first", "second")

    def __init__(self, width: int, *, bias: bool = True, **kwargs) -> None:
        super().__init__()
        self.width = width
        self.first = self.build(width, bias)
        self.options = kwargs

    @staticmethod
    def build(width, bias):
        return nn.Linear(width, width, bias=bias)

    @classmethod
    def create(cls, *args, **kwargs) -> "Base":
        return cls(*args, **kwargs)

    @property
    def hidden(self) -> int:
        return self.width * self.expansion

    @abstractmethod
    def head(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x):
        return self.head(self.first(x))


class Mixin:
    def tail(self, x):
        return x.tanh() * self.options.get("gain", 1.0)


class Inheritance(Mixin, Base):
    expansion = 2

    def __init__(self, width=5, **kwargs):
        super().__init__(width, bias=False, **kwargs)
        self.second = nn.Linear(width, self.hidden)

    def head(self, x):
        return self.tail(getattr(self, self.names[1])(x))


# Configuration objects.
class Mode(Enum):
    SUM = "sum"
    CAT = "cat"


@dataclass
class Config:
    width: int = 5
    depth: int = 2
    mode: Mode = Mode.CAT
    sizes: List[int] = field(default_factory=lambda: [3, 4])
    dropout: float = 0.1

    def __post_init__(self):
        self.total = sum(self.sizes)


class Point(NamedTuple):
    value: Tensor
    scale: float = 2.0


Pair = namedtuple("Pair", ["left", "right"])


class Configured(nn.Module):
    def __init__(self, config: Optional[Config] = None):
        super().__init__()
        config = config or Config()
        self.config = copy.deepcopy(config)
        self.layers = nn.ModuleList(nn.Linear(config.width, size) for size in config.sizes)
        self.out = nn.Linear(config.total, 2) if config.mode is Mode.CAT else None

    def forward(self, x):
        pair = Pair(*[layer(x) for layer in self.layers])
        point = Point(self.out(torch.cat(pair, dim=-1)))
        return {"logits": point.value * point.scale, "left": pair.left, "extra": (pair.right, [pair[0] + 1])}


# Loops that build layers under computed names.
class Named(nn.Module):
    def __init__(self, width=5, depth=3):
        super().__init__()
        for i in range(depth):
            setattr(self, f"layer{i + 1}", nn.Linear(width, width))
            self.add_module("norm_%d" % i, nn.LayerNorm(width))
        self.register_parameter("gain", nn.Parameter(torch.ones(width)))
        self.register_parameter("absent", None)
        self.depth = depth
        self.stem = nn.Sequential(OrderedDict([("fc", nn.Linear(width, width)), ("act", nn.ReLU())]))

    def forward(self, x):
        x = self.stem.fc(x) + self.stem(x)
        for i in range(1, self.depth + 1):
            layer = getattr(self, "layer{}".format(i))
            norm = self._modules[f"norm_{i - 1}"]
            x = x + norm(layer(x))
        if self.absent is None and hasattr(self, "gain"):
            x = x * self.gain
        return x


# A plan, a counter, while, break, continue, else, chained comparison, conditional expressions.
class ControlFlow(nn.Module):
    PLAN = [6, "M", 4, "A", (3, "relu"), None]

    def __init__(self, channels: int = 2):
        super().__init__()
        layers: list[nn.Module] = []
        for item in self.PLAN:
            if item == "M":
                layers += [nn.MaxPool2d(2)]
                continue
            elif item == "A":
                layers.append(nn.AvgPool2d(3, stride=1, padding=1))
            elif isinstance(item, tuple):
                width, activation = item
                layers.extend((nn.Conv2d(channels, width, 1), make_activation(activation)))
                channels = width
            elif item is None:
                break
            else:
                layers.append(nn.Conv2d(channels, item, 3, padding=1))
                channels = item
        else:
            raise AssertionError("the plan has no end")
        self.features = nn.Sequential(*layers)
        self.repeat = 0
        while self.repeat < 3:
            self.repeat += 2
        self.apply(init_weights)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data.normal_(0, math.sqrt(2.0 / n))
        self.checked = bool(1 <= channels < 10 and not self.repeat % 2)

    def forward(self, x):
        assert x.dim() == 4, f"expected [N, C, H, W], got {tuple(x.shape)}"
        for block in self.features:
            x = block(x)
        n = 0
        while n < self.repeat:
            x = F.relu(x) if n % 2 == 0 else x - 0.5
            n += 1
        if self.training:
            x = x * 0
        return x if self.checked else None


# Comprehensions, slices, unpacking, zip, enumerate, sorted, any, all, map, filter, reduce, lambdas, walrus.
class Comprehensions(nn.Module):
    def __init__(self, widths: Tuple[int, ...] = (5, 7, 4)):
        super().__init__()
        head, *middle, last = widths
        pairs = list(zip(widths[:-1], widths[1:]))
        self.steps = nn.ModuleList([nn.Linear(a, b) for a, b in pairs if a != b])
        self.skips = nn.ModuleDict({f"{i}": nn.Linear(head, b, bias=bool(i)) for i, (_, b) in enumerate(pairs)})
        self.square = [[i * j for j in range(2)] for i in range(3)]
        self.first, self.last = (head, last)[::-1]
        self.order = sorted({"b": 2, "a": 1, "c": 0}.items(), key=lambda kv: kv[1], reverse=True)
        self.product = functools.reduce(lambda p, q: p * q, middle, 1)
        self.offsets = tuple(map(lambda v: v / 10, filter(None, itertools.chain(*self.square))))
        self.spread = list(itertools.accumulate(range(1, 4))) + [*reversed(range(2))]
        assert all(w > 0 for w in widths) and any(w == 7 for w in widths)

    def forward(self, x):
        start = x
        for i, step in enumerate(self.steps):
            x = step(x) + self.skips[str(i)](start)
        total = sum(self.offsets) + min(self.spread) + max(len(self.order), 2) + abs(-self.product)
        if (count := x.shape[-1]) > 2:
            x = x[..., : count - 1]
        *others, tail = torch.unbind(x, dim=-1)
        ranked = {k: v for k, v in self.order}
        return x + total, tail * ranked["b"], sum(others), [o.mean() for o in others][-1]


# Functions: closures, defaults, *args and **kwargs, keyword-only, nested, decorated, partial, recursion.
def twice(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(function(*args, **kwargs))

    return wrapper


@twice
def soften(x, strength=0.5):
    return x * strength + x.tanh()


def block(width, *rest, norm=partial(nn.LayerNorm, eps=1e-3), **options):
    return nn.Sequential(nn.Linear(width, width, **options), norm(width), *rest)


def tree(depth, width):
    if depth == 0:
        return nn.Linear(width, width)
    return nn.ModuleList([tree(depth - 1, width) for _ in range(2)])


class Functions(nn.Module):
    def __init__(self, width=5, act: Union[str, Callable] = "leaky"):
        super().__init__()
        options = {"bias": False}
        self.block = block(width, nn.Tanh(), make_activation(act), **options)
        self.tree = tree(2, width)
        scale = 3

        def affine(x, shift=1):
            return x * scale + shift

        self.affine = affine

    @torch.no_grad()
    def walk(self, node, x):
        if isinstance(node, nn.Linear):
            return node(x)
        left, right = node
        return self.walk(left, x) - self.walk(right, x)

    def forward(self, x: Tensor, mask: Optional[Tensor] = None, *, flag: bool = False) -> Tensor:
        y = self.affine(self.block(x), shift=-0.5)
        if mask is not None:
            y = y.masked_fill(mask, 0)
        return soften(y) + self.walk(self.tree, x) if not flag else y


# Buffers computed in the constructor: persistent ones are loaded, the others are kept.
class Positions(nn.Module):
    def __init__(self, width=6, length=11):
        super().__init__()
        position = torch.arange(length).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        pe = torch.zeros(1, length, width)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe, persistent=False)
        self.register_buffer("loaded", torch.zeros(width))
        self.frozen = nn.Parameter(torch.rand(width), requires_grad=False)
        inverse = 1.0 / (100 ** (torch.arange(0, width, 2).float() / width))
        self.angles = torch.outer(torch.arange(length).float(), inverse)
        self.numbers = torch.from_numpy(np.array([0.5, -1.5, 2.5], dtype=np.float32))

    def forward(self, x):
        cos, sin = self.angles.cos()[: x.size(1)], self.angles.sin()[: x.size(1)]
        a, b = x[..., 0::2], x[..., 1::2]
        rotated = torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1).flatten(-2)
        return x + self.pe[:, : x.size(1)] + self.loaded, rotated * self.frozen, x[..., :3] * self.numbers


# Modules from other files, conditional imports, module-level state.
class Imported(nn.Module):
    def __init__(self, width: int = WIDTH):
        super().__init__()
        self.body = scaled(nn.Conv2d(2, width, 3), width)
        self.scale = Scale(channels=width, init=2.0)
        self.act = blocks.make_activation("  Leaky ", inplace=True)
        self.path = DropPath(0.1) if DropPath is not None else nn.Identity()

    def forward(self, x):
        return self.path(self.act(self.scale(self.body(x))))


# Shared modules, deep copies, modules used twice, replaced attributes.
class Sharing(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        layer = nn.Linear(width, width)
        self.same = nn.ModuleList([layer] * 2)
        self.copies = nn.ModuleList([copy.deepcopy(layer) for _ in range(2)])
        self.head = nn.Linear(width, 9)
        self.head = nn.Linear(width, 3)
        self.same[1].requires_grad_(False)
        self.extra = nn.Identity()
        del self.extra

    def forward(self, x):
        for layer in itertools.chain(self.same, self.copies):
            x = torch.sigmoid(layer(x))
        return self.head(x) * self.head.in_features


# Decisions on shapes, which every input size answers.
class OnShapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(7, 4)

    def forward(self, x):
        if x.ndim == 3 and x.shape[-1] == self.proj.in_features:
            x = self.proj(x)
        b, n, c = x.size()
        heads = 2 if c % 2 == 0 else 1
        x = x.reshape(b, n, heads, c // heads).permute(0, 2, 1, 3)
        scale = (c // heads) ** -0.5
        weights = (x * scale) @ x.transpose(-2, -1)
        pad = (-n) % 4
        if pad > 0:
            weights = F.pad(weights, (0, pad))
        return weights, torch.zeros(b, n + pad), x.numel() // b * torch.ones(1)


# A condition on a tensor's value: both arms must reach the target.
class OnValues(nn.Module):
    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(7, 4), nn.Linear(7, 4)

    def forward(self, x):
        if x.sum() > 0:
            y = self.up(x)
        else:
            y = self.down(x) - 1
        return y


def build(width: int = 5, *, depth: int = 2) -> nn.Module:
    """A factory that returns a container and no class of its own."""
    layers = []
    for _ in range(depth):
        layers += [nn.Linear(width, width), nn.GELU()]
    return nn.Sequential(*layers, nn.Linear(width, 1))


ready = Inheritance.create(4, gain=3.0)
