"""Elementwise operators."""

import math

import torch


def true_divide(self, other):
    return torch.div(self, other)


def divide(self, other, *, rounding_mode=None):
    return torch.div(self, other, rounding_mode=rounding_mode)


def multiply(self, other):
    return torch.mul(self, other)


def subtract(self, other, *, alpha=1):
    return torch.sub(self, other, alpha=alpha)


def negative(self):
    return -self


positive = lambda self: self


def absolute(self):
    return torch.abs(self)


def square(self):
    return torch.pow(self, 2)


def expm1(self):
    # 2 tanh(x/2) / (1 − tanh(x/2)) keeps small results exact, where exp(x) − 1 would cancel.
    h = torch.tanh(self * 0.5)
    return torch.where(self.abs() < 0.5, 2.0 * h / (1.0 - h), torch.exp(self) - 1.0)


def log1p(self):
    # The rounding of 1 + x is divided out again (Kahan).
    x = self if self.is_floating_point() else self.float()
    u = 1.0 + x
    return torch.where((u == 1.0) | torch.isinf(u), x, torch.log(u) * x / (u - 1.0))


def log2(self):
    return torch.log(self) / math.log(2.0)


def log10(self):
    return torch.log(self) / math.log(10.0)


def exp2(self):
    return torch.pow(2.0, self)


def erfc(self):
    return 1.0 - torch.erf(self)


def trunc(self):
    if not self.is_floating_point():
        return self.clone()
    return torch.where(self < 0, torch.ceil(self), torch.floor(self))


fix = trunc


def frac(self):
    return self - torch.trunc(self)


def logit(self, eps=None):
    x = self if eps is None else torch.clamp(self, eps, 1.0 - eps)
    return torch.log(x / (1.0 - x))


def sinc(self):
    y = self * math.pi
    return torch.where(self == 0, 1.0, torch.sin(y) / y)


def nan_to_num(self, nan=None, posinf=None, neginf=None):
    if not self.is_floating_point():
        return self.clone()
    limits = torch.finfo(self.dtype)
    x = torch.where(torch.isnan(self), 0.0 if nan is None else nan, self)
    x = torch.where(x == math.inf, limits.max if posinf is None else posinf, x)
    return torch.where(x == -math.inf, limits.min if neginf is None else neginf, x)


def isfinite(self):
    if not self.is_floating_point():
        return torch.ones_like(self, dtype=torch.bool)
    return torch.logical_not(torch.logical_or(torch.isnan(self), torch.isinf(self)))


def isposinf(self):
    return self == math.inf


def isneginf(self):
    return self == -math.inf


def isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    close = (self == other) | (torch.isfinite(other)
                               & (torch.abs(self - other) <= atol + torch.abs(rtol * other)))
    if equal_nan:
        close = close | (torch.isnan(self) & torch.isnan(other))
    return close


def allclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    return torch.isclose(self, other, rtol, atol, equal_nan).all()


def not_equal(self, other):
    return torch.ne(self, other)


def greater(self, other):
    return torch.gt(self, other)


def greater_equal(self, other):
    return torch.ge(self, other)


def less(self, other):
    return torch.lt(self, other)


def less_equal(self, other):
    return torch.le(self, other)


def hypot(self, other):
    return torch.sqrt(self * self + other * other)


def atan2(self, other):
    q = torch.atan(self / other)
    half = torch.where(self < 0, -math.pi, math.pi)
    zero = torch.where(self == 0, torch.where(other < 0, half, self), half / 2)
    return torch.where(other > 0, q, torch.where(other < 0, q + half, zero))


arctan2 = atan2


def lerp(self, end, weight):
    # PyTorch's formula: from the nearer end.
    if torch.is_tensor(weight):
        return torch.where(torch.abs(weight) < 0.5, self + weight * (end - self),
                           end - (end - self) * (1 - weight))
    if abs(weight) < 0.5:
        return self + weight * (end - self)
    return end - (end - self) * (1 - weight)


def addcmul(self, tensor1, tensor2, *, value=1):
    return self + value * tensor1 * tensor2 if value != 1 else self + tensor1 * tensor2


def addcdiv(self, tensor1, tensor2, *, value=1):
    return self + value * (tensor1 / tensor2)


def copysign(self, other):
    if not torch.is_tensor(other):
        other = torch.tensor(float(other))
    negative = (other < 0) | ((other == 0) & (torch.reciprocal(other) < 0))
    return torch.where(negative, -torch.abs(self), torch.abs(self))


def logaddexp(self, other):
    m = torch.maximum(self, other)
    d = -torch.abs(self - other)
    return torch.where(self == other, m + math.log(2.0), m + torch.log1p(torch.exp(d)))


def heaviside(self, values):
    return torch.where(self == 0, values, torch.where(self < 0, 0.0, 1.0).to(self.dtype))


def xlogy(self, other):
    product = self * torch.log(other)
    return torch.where(torch.isnan(other), product, torch.where(self == 0, 0.0, product))


def float_power(self, exponent):
    self = self.double() if torch.is_tensor(self) else float(self)
    exponent = exponent.double() if torch.is_tensor(exponent) else float(exponent)
    return torch.pow(self, exponent)


def clamp_min(self, min):
    return torch.clamp(self, min=min)


def clamp_max(self, max):
    return torch.clamp(self, max=max)


def clip(self, min=None, max=None):
    return torch.clamp(self, min, max)


def fmax(self, other):
    return torch.where(torch.isnan(self), other,
                       torch.where(torch.isnan(other), self, torch.maximum(self, other)))


def fmin(self, other):
    return torch.where(torch.isnan(self), other,
                       torch.where(torch.isnan(other), self, torch.minimum(self, other)))


def deg2rad(self):
    return self * (math.pi / 180.0)


def rad2deg(self):
    return self * (180.0 / math.pi)


def sgn(self):
    return torch.sign(self)


def signbit(self):
    return (self < 0) | ((self == 0) & (torch.reciprocal(self.float()) < 0))
