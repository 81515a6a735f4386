"""Reductions and scans."""

import math

import torch
from torch import _isomorph


def _dims(self, dim):
    if dim is None or (isinstance(dim, (list, tuple)) and len(dim) == 0):
        return list(range(self.dim()))
    return list(dim) if isinstance(dim, (list, tuple)) else [dim]


def _moments(self, dim, unbiased, correction, keepdim):
    if isinstance(dim, bool):
        unbiased, dim = dim, None
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    dims = _dims(self, dim)
    mean = torch.mean(self, dims, True)
    count = 1
    for d in dims:
        count = count * self.size(d)
    d = self - mean
    var = torch.sum(d * d, dims, keepdim) / max(count - correction, 0)
    return var, mean if keepdim else torch.squeeze(mean, dims)


def var(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
    return _moments(self, dim, unbiased, correction, keepdim)[0]


def std(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
    return torch.sqrt(_moments(self, dim, unbiased, correction, keepdim)[0])


def var_mean(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
    return _moments(self, dim, unbiased, correction, keepdim)


def std_mean(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
    v, m = _moments(self, dim, unbiased, correction, keepdim)
    return torch.sqrt(v), m


def linalg_vector_norm(self, ord=2, dim=None, keepdim=False, *, dtype=None):
    x = self if dtype is None else self.to(dtype)
    dims = _dims(x, dim)
    a = torch.abs(x)
    if ord == math.inf:
        return torch.amax(a, dims, keepdim)
    if ord == -math.inf:
        return torch.amin(a, dims, keepdim)
    if ord == 0:
        return torch.sum((x != 0).to(x.dtype), dims, keepdim)
    if ord == 1:
        return torch.sum(a, dims, keepdim)
    if ord == 2:
        return torch.sqrt(torch.sum(x * x, dims, keepdim))
    return torch.pow(torch.sum(torch.pow(a, ord), dims, keepdim), 1.0 / ord)


def linalg_norm(self, ord=None, dim=None, keepdim=False, *, dtype=None):
    if ord is None or not (isinstance(dim, (list, tuple)) and len(dim) == 2 or dim is None and self.dim() == 2):
        return linalg_vector_norm(self, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
    _isomorph.refuse(f'torch.linalg.norm with a matrix norm of order {ord!r}')


def norm(self, p='fro', dim=None, keepdim=False, dtype=None):
    if p == 'fro' or p is None:
        p = 2
    return linalg_vector_norm(self, p, dim, keepdim, dtype=dtype)


def frobenius_norm(self, dim=None, keepdim=False):
    return linalg_vector_norm(self, 2, dim, keepdim)


def count_nonzero(self, dim=None):
    return torch.sum((self != 0).long(), _dims(self, dim))


def aminmax(self, *, dim=None, keepdim=False):
    if dim is None:
        return torch.min(self), torch.max(self)
    return torch.amin(self, dim, keepdim), torch.amax(self, dim, keepdim)


def nansum(self, dim=None, keepdim=False, *, dtype=None):
    return torch.sum(torch.where(torch.isnan(self), 0.0, self), _dims(self, dim), keepdim, dtype=dtype)


def nanmean(self, dim=None, keepdim=False, *, dtype=None):
    present = torch.logical_not(torch.isnan(self))
    return nansum(self, dim, keepdim) / torch.sum(present, _dims(self, dim), keepdim)


def kthvalue(self, k, dim=-1, keepdim=False):
    values, indices = torch.topk(self, k, dim, False)
    value = torch.select(values, dim, -1)
    index = torch.select(indices, dim, -1)
    if keepdim:
        return torch.unsqueeze(value, dim), torch.unsqueeze(index, dim)
    return value, index


def median(self, dim=None, keepdim=False):
    if dim is None:
        flat = self.reshape(-1)
        return torch.kthvalue(flat, (flat.size(0) + 1) // 2, 0)[0]
    return torch.kthvalue(self, (self.size(dim) + 1) // 2, dim, keepdim)


def msort(self):
    return torch.sort(self, dim=0)[0]


def logcumsumexp(self, dim):
    m = torch.amax(self, dim, True)
    return torch.log(torch.cumsum(torch.exp(self - m), dim)) + m


def _cumulative_extreme(self, dim, better):
    values, indices = [], []
    best = None
    for i in range(self.size(dim)):
        x = torch.select(self, dim, i)
        if best is None:
            best = x
            index = torch.zeros_like(x, dtype=torch.int64)
        else:
            take = better(x, best)
            best = torch.where(take, x, best)
            index = torch.where(take, i, index)
        values.append(best)
        indices.append(index)
    return torch.stack(values, dim), torch.stack(indices, dim)


class _Cumulative(tuple):
    values = property(lambda self: self[0])
    indices = property(lambda self: self[1])


def cummax(self, dim):
    return _Cumulative(_cumulative_extreme(self, dim, torch.ge))


def cummin(self, dim):
    return _Cumulative(_cumulative_extreme(self, dim, torch.le))


def diff(self, n=1, dim=-1, prepend=None, append=None):
    parts = [p for p in (prepend, self, append) if p is not None]
    x = torch.cat(parts, dim) if len(parts) > 1 else self
    for _ in range(n):
        size = x.size(dim)
        x = torch.narrow(x, dim, 1, size - 1) - torch.narrow(x, dim, 0, size - 1)
    return x


def std_dev(self):
    return torch.std(self)
