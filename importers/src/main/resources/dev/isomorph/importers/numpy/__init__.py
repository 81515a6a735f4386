"""The few functions of NumPy that models call: arrays are tensors, in NumPy's types."""

import math

import torch

pi = math.pi
e = math.e
inf = math.inf
nan = math.nan
newaxis = None
float16, float32, float64 = torch.float16, torch.float32, torch.float64
int8, int16, int32, int64 = torch.int8, torch.int16, torch.int32, torch.int64
uint8 = torch.uint8
bool_ = torch.bool
ndarray = torch.Tensor
integer = int
floating = float


def _dtype(dtype):
    return {float: torch.float64, int: torch.int64, bool: torch.bool}.get(dtype, dtype)


def array(values, dtype=None):
    made = torch.tensor(values, dtype=_dtype(dtype))
    if dtype is None and made.is_floating_point() and not torch.is_tensor(values):
        made = torch.tensor(values, dtype=torch.float64)
    return made


asarray = array


def zeros(shape, dtype=float):
    return torch.zeros(shape, dtype=_dtype(dtype))


def ones(shape, dtype=float):
    return torch.ones(shape, dtype=_dtype(dtype))


def _unary(number, tensor):
    def function(x):
        return tensor(x) if torch.is_tensor(x) else number(x)

    return function


sqrt = _unary(math.sqrt, torch.sqrt)
exp = _unary(math.exp, torch.exp)
log = _unary(math.log, torch.log)
log2 = _unary(math.log2, torch.log2)
log10 = _unary(math.log10, torch.log10)
sin = _unary(math.sin, torch.sin)
cos = _unary(math.cos, torch.cos)
tan = _unary(math.tan, torch.tan)
tanh = _unary(math.tanh, torch.tanh)
floor = _unary(lambda x: float(math.floor(x)), torch.floor)
ceil = _unary(lambda x: float(math.ceil(x)), torch.ceil)
abs = _unary(lambda x: x if x >= 0 else -x, torch.abs)


def prod(values, **kwargs):
    return torch.prod(values) if torch.is_tensor(values) else math.prod(values)


def sum(values, **kwargs):
    if torch.is_tensor(values):
        return torch.sum(values)
    total = 0
    for v in values:
        total = total + v
    return total


def cumsum(values, **kwargs):
    total = 0
    out = []
    for v in values:
        total = total + v
        out.append(total)
    return out


def linspace(start, stop, num=50):
    step = (stop - start) / (num - 1) if num > 1 else 0.0
    return [start + step * i for i in range(num)]


def arange(*args):
    return list(range(*args))


def mean(values):
    return torch.mean(values) if torch.is_tensor(values) else sum(values) / len(values)


def power(a, b):
    return a ** b


maximum = max
minimum = min
