"""The few functions of NumPy that models call on numbers."""

import math

pi = math.pi
e = math.e
inf = math.inf
nan = math.nan
newaxis = None
float32 = float64 = float
int32 = int64 = int
sqrt, exp, log, log2, log10 = math.sqrt, math.exp, math.log, math.log2, math.log10
sin, cos, tan, tanh, floor, ceil = math.sin, math.cos, math.tan, math.tanh, math.floor, math.ceil


def prod(values, **kwargs):
    return math.prod(values)


def sum(values, **kwargs):
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


def array(values, dtype=None):
    return list(values)


def mean(values):
    return sum(values) / len(values)


def power(a, b):
    return a ** b


def abs(x):
    return x if x >= 0 else -x


def log2i(x):
    return math.log2(x)


maximum = max
minimum = min
