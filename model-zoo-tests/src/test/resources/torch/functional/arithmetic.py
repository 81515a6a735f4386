"""Elementwise arithmetic, comparison, matrix products, reductions."""

import math

import torch
from torch import nn


class Binary(nn.Module):
    def forward(self, x, y):
        return (
            x + y,
            x - 2 * y,
            torch.add(x, y, alpha=0.5),
            torch.sub(x, y, alpha=2),
            torch.rsub(x, y),
            x * y,
            x / y,
            2 / y,
            1.5 - x,
            x // y,
            x % y,
            torch.div(x, y, rounding_mode="floor"),
            torch.div(x, y, rounding_mode="trunc"),
            torch.fmod(x, y),
            torch.remainder(x, y),
            torch.maximum(x, y),
            torch.minimum(x, y),
            torch.atan2(x, y),
            torch.hypot(x, y),
            torch.lerp(x, y, 0.3),
            torch.addcmul(x, y, y, value=0.7),
            torch.addcdiv(x, y, y.abs() + 1, value=-0.3),
            torch.copysign(x, y),
            torch.logaddexp(x, y),
            torch.heaviside(x, y),
        )


class Unary(nn.Module):
    def forward(self, x):
        p = x.abs() + 0.1
        u = torch.tanh(x) * 0.9
        return (
            -x,
            x.abs(),
            torch.exp(x),
            x.expm1(),
            p.log(),
            torch.log2(p),
            p.log10(),
            torch.log1p(p),
            p.sqrt(),
            torch.rsqrt(p),
            p.reciprocal(),
            x.square(),
            torch.sin(x),
            x.cos(),
            torch.tan(u),
            torch.asin(u),
            u.acos(),
            x.atan(),
            x.sinh(),
            torch.cosh(x),
            x.tanh(),
            torch.asinh(x),
            torch.acosh(p + 1),
            u.atanh(),
            torch.erf(x),
            x.erfc(),
            torch.sigmoid(x),
            torch.logit(u * 0.4 + 0.5),
            x.sign(),
            torch.floor(x),
            x.ceil(),
            x.round(),
            torch.round(x, decimals=1),
            x.trunc(),
            x.frac(),
            torch.sinc(x),
            torch.lgamma(p),
            torch.nan_to_num(x / torch.zeros_like(x), nan=1.0, posinf=2.0, neginf=-3.0),
        )


class Powers(nn.Module):
    def forward(self, x):
        p = x.abs() + 0.1
        return (
            x**2,
            x.pow(3),
            p**0.5,
            p**-1.5,
            torch.pow(2, x),
            2**x,
            p.pow(x),
            torch.float_power(p, 2),
            torch.exp2(x),
            x.clamp(-0.5, 1),
            x.clamp(min=0.2),
            torch.clamp(x, max=0.3),
            x.clip(-1, 1),
            torch.clamp(x, min=x.mean(), max=x.max() / 2),
            x.clamp_min(0.1),
        )


class Compare(nn.Module):
    def forward(self, x, y):
        m = x > y
        return (
            m,
            x < 0,
            x >= y,
            x <= 0.5,
            x == x.round(),
            x != y,
            torch.eq(x, x),
            m & (x > 0),
            m | (y < 0),
            ~m,
            m ^ (y > 0),
            torch.logical_and(x > 0, y > 0),
            torch.logical_not(x > 0),
            m.any(),
            m.all(dim=1),
            torch.any(m, dim=-1, keepdim=True),
            torch.isnan(x / 0 * 0),
            torch.isinf(x / 0),
            torch.isfinite(x),
            torch.isclose(x, x + 1e-9),
            torch.where(m, x, y),
            torch.where(x > 0, x, 0.0),
            torch.where(m, 1.0, -1.0),
            x.masked_fill(m, float("-inf")).exp(),
            x.masked_fill(x < y, 7),
        )


class Matmul(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(7, 4))
        self.bias = nn.Parameter(torch.randn(4))

    def forward(self, x):
        a = x[0]
        y = x @ self.weight
        return (
            y,
            torch.matmul(a, self.weight),
            x.matmul(x.transpose(-2, -1)),
            torch.mm(a, self.weight),
            torch.bmm(x, x.mT),
            torch.baddbmm(x @ x.mT, x, x.mT, beta=0.5, alpha=2),
            torch.addmm(self.bias, a, self.weight, beta=2, alpha=0.5),
            a[0] @ self.weight,
            x @ self.weight[:, 0],
            torch.mv(a, self.weight[:, 1]),
            torch.dot(a[0], a[1]),
            torch.outer(a[0], self.bias),
            torch.inner(a, a),
            torch.kron(a[:2, :2], self.weight[:2, :3]),
            torch.linalg.norm(a),
            torch.cross(x[..., :3], x[..., 3:6], dim=-1),
            torch.tensordot(x, x, dims=([0, 1], [0, 1])),
        )


class Einsum(nn.Module):
    def forward(self, x, y):
        return (
            torch.einsum("bij,bkj->bik", x, y),
            torch.einsum("bij,bkj->b", x, y),
            torch.einsum("...ij->...ji", x),
            torch.einsum("bij->i", x),
            torch.einsum("bii->bi", x[:, :3, :3]),
            torch.einsum("bij,bkl", x, y[:, :2, :2]),
            torch.einsum("bij,bij->bij", x[:, :2], y[:, :2]),
            torch.einsum("i,j->ij", x[0, 0], y[0, 0]),
        )


class Reduce(nn.Module):
    def forward(self, x):
        return (
            x.sum(),
            x.sum(1),
            torch.sum(x, dim=(0, 2), keepdim=True),
            x.mean(),
            x.mean(dim=(-2, -1)),
            x.mean(1, keepdim=True),
            x.prod(dim=1),
            x.prod(),
            x.amax(dim=(0, 2)),
            x.amin(1),
            x.max(),
            x.min(),
            x.var(),
            x.var(dim=1, unbiased=False),
            torch.var(x, dim=(1, 2), correction=2, keepdim=True),
            x.std(-1),
            torch.std(x, dim=0, unbiased=False),
            *torch.var_mean(x, dim=1, correction=0),
            torch.std_mean(x)[0],
            x.norm(),
            x.norm(dim=1),
            x.norm(p=1, dim=-1, keepdim=True),
            torch.norm(x, p=float("inf"), dim=2),
            torch.linalg.vector_norm(x, ord=3, dim=(0, 1)),
            torch.linalg.norm(x, dim=(1, 2)),
            torch.logsumexp(x, dim=1),
            x.logsumexp((0, 2), keepdim=True),
            torch.count_nonzero(x > 0, dim=1),
            (x > 0).sum(dim=2),
            (x > 0).float().mean(0),
            torch.aminmax(x, dim=1)[0],
            x.nansum(1),
        )


class Order(nn.Module):
    """Values and indices; the inputs have no ties."""

    def forward(self, x):
        values, indices = x.max(dim=1)
        top, where = x.topk(3, dim=1)
        ordered, order = torch.sort(x, dim=-1, descending=True)
        return (
            values,
            indices,
            x.min(1, keepdim=True).indices,
            top,
            where,
            torch.topk(x, 2, largest=False)[0],
            ordered,
            order,
            x.argmax(),
            x.argmax(dim=1),
            torch.argmin(x, dim=-1, keepdim=True),
            x.argsort(dim=1),
            x.sort(dim=0).values,
            x.kthvalue(2, dim=1)[0],
            x.median(dim=1)[0],
            x.cumsum(1),
            torch.cumprod(x, dim=-1),
            x.cummax(1).values,
            torch.cummin(x, dim=2)[1],
            torch.logcumsumexp(x, dim=1),
            torch.diff(x, dim=1),
        )


class Constants(nn.Module):
    """Python's own numbers, kept as numbers until they meet a tensor."""

    def forward(self, x):
        scale = 1 / math.sqrt(x.shape[-1])
        half = x.shape[1] // 2
        ratio = x.shape[1] / 2
        gelu = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        return x * scale, x + half, x * ratio, gelu, x * -(2**3), x * (7 % 4) - 7 // -2, x * math.log(10000.0), x + float(half)
