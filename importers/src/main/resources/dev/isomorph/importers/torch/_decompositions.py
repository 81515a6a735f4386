"""ATen operators in terms of others, by ATen's names and parameters."""

import math

import torch
from torch import _isomorph


def true_divide(self, other):
    return torch.div(self, other)


divide = multiply = subtract = None


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


# Activations.

def relu6(self):
    return torch.clamp(self, 0.0, 6.0)


def hardtanh(self, min_val=-1.0, max_val=1.0):
    return torch.clamp(self, min_val, max_val)


def elu(self, alpha=1.0, scale=1.0, input_scale=1.0):
    return torch.where(self > 0, self * scale if scale != 1 else self,
                       (alpha * scale) * torch.expm1(torch.where(self > 0, 0.0, self) * input_scale
                                                     if input_scale != 1
                                                     else torch.where(self > 0, 0.0, self)))


def celu(self, alpha=1.0):
    return torch.where(self > 0, self,
                       alpha * torch.expm1(torch.where(self > 0, 0.0, self) / alpha))


def hardsigmoid(self):
    return torch.clamp(self + 3.0, 0.0, 6.0) / 6.0


def softplus(self, beta=1, threshold=20):
    scaled = self * beta if beta != 1 else self
    smooth = torch.log1p(torch.exp(torch.clamp(scaled, max=threshold)))
    return torch.where(scaled > threshold, self, smooth / beta if beta != 1 else smooth)


def log_sigmoid(self):
    return torch.clamp(self, max=0) - torch.log1p(torch.exp(-torch.abs(self)))


def softsign(self):
    return self / (1 + torch.abs(self))


def hardshrink(self, lambd=0.5):
    return torch.where((self >= -lambd) & (self <= lambd), 0.0, self)


def softshrink(self, lambd=0.5):
    return torch.where(self > lambd, self - lambd,
                       torch.where(self < -lambd, self + lambd, self * 0.0))


def threshold(self, threshold, value):
    return torch.where(self <= threshold, value, self)


def glu(self, dim=-1):
    a, b = torch.chunk(self, 2, dim)
    return a * torch.sigmoid(b)


def rrelu(self, lower=0.125, upper=0.3333333333333333, training=False):
    if training:
        _isomorph.refuse('rrelu in training mode')
    return torch.leaky_relu(self, (lower + upper) / 2)


def dropout(input, p, train):
    if train and p > 0:
        _isomorph.refuse('dropout in training mode')
    return input


alpha_dropout = feature_dropout = feature_alpha_dropout = dropout


# Reductions.

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


# Shapes.

def flatten(self, start_dim=0, end_dim=-1):
    rank = self.dim()
    if rank == 0:
        return self.reshape(1)
    start = start_dim + rank if start_dim < 0 else start_dim
    end = end_dim + rank if end_dim < 0 else end_dim
    if start == end:
        return self
    shape = list(self.shape)
    product = 1
    for d in shape[start:end + 1]:
        product = product * d
    return self.reshape(shape[:start] + [product] + shape[end + 1:])


def ravel(self):
    return self.reshape(-1)


def unflatten(self, dim, sizes):
    dim = dim + self.dim() if dim < 0 else dim
    shape = list(self.shape)
    sizes = list(sizes)
    if -1 in sizes:
        known = 1
        for s in sizes:
            if s != -1:
                known = known * s
        sizes[sizes.index(-1)] = shape[dim] // known
    return self.reshape(shape[:dim] + sizes + shape[dim + 1:])


def movedim(self, source, destination):
    rank = self.dim()
    source = [source] if isinstance(source, int) else list(source)
    destination = [destination] if isinstance(destination, int) else list(destination)
    order = [-1] * rank
    for s, d in zip(source, destination):
        order[d % rank] = s % rank
    rest = [i for i in range(rank) if i not in order]
    return self.permute([rest.pop(0) if o < 0 else o for o in order])


moveaxis = movedim


def swapaxes(self, axis0, axis1):
    return torch.transpose(self, axis0, axis1)


def swapdims(self, dim0, dim1):
    return torch.transpose(self, dim0, dim1)


def adjoint(self):
    return torch.transpose(self, -2, -1)


numpy_T = adjoint


def broadcast_to(self, size):
    return self.expand(size)


def tile(self, *dims):
    if len(dims) == 1 and isinstance(dims[0], (list, tuple)):
        dims = dims[0]
    dims = [1] * (self.dim() - len(dims)) + list(dims)
    return self.repeat(dims)


def repeat_interleave(self, repeats, dim=None, *, output_size=None):
    if dim is None:
        self = self.reshape(-1)
        dim = 0
    if torch.is_tensor(repeats):
        counts = repeats.tolist()
        index = [i for i, n in enumerate(counts) for _ in range(n)]
        return torch.index_select(self, dim, torch.tensor(index))
    dim = dim + self.dim() if dim < 0 else dim
    shape = list(self.shape)
    wide = self.unsqueeze(dim + 1).expand(shape[:dim + 1] + [repeats] + shape[dim + 1:])
    return wide.reshape(shape[:dim] + [shape[dim] * repeats] + shape[dim + 1:])


def roll(self, shifts, dims=()):
    shifts = [shifts] if isinstance(shifts, int) else list(shifts)
    dims = [dims] if isinstance(dims, int) else list(dims)
    if not dims:
        return roll(self.reshape(-1), shifts, [0]).reshape(self.shape)
    for shift, dim in zip(shifts, dims):
        size = self.size(dim)
        cut = -shift % size if isinstance(size, int) and size > 0 else -shift
        if cut == 0:
            continue
        if cut > 0:
            self = torch.cat([torch.slice_dim(self, dim, cut, None),
                              torch.slice_dim(self, dim, 0, cut)], dim)
        else:
            self = torch.cat([torch.slice_dim(self, dim, size + cut, None),
                              torch.slice_dim(self, dim, 0, size + cut)], dim)
    return self


def slice_dim(self, dim, start, end):
    index = [slice(None)] * (dim + self.dim() if dim < 0 else dim)
    return self[tuple(index + [slice(start, end)])]


def rot90(self, k=1, dims=(0, 1)):
    a, b = dims
    k = k % 4
    if k == 0:
        return self.clone()
    if k == 2:
        return torch.flip(self, [a, b])
    if k == 1:
        return torch.transpose(torch.flip(self, [b]), a, b)
    return torch.flip(torch.transpose(self, a, b), [b])


def fliplr(self):
    return torch.flip(self, [1])


def flipud(self):
    return torch.flip(self, [0])


def diag(self, diagonal=0):
    if self.dim() == 2:
        return torch.diagonal(self, diagonal).clone()
    return diag_embed(self, diagonal)


def diag_embed(self, offset=0, dim1=-2, dim2=-1):
    n = self.size(-1) + abs(offset)
    rank = self.dim() + 1
    rows = torch.arange(n).unsqueeze(1)
    columns = torch.arange(n).unsqueeze(0)
    x = torch.constant_pad_nd(self, [max(offset, 0), max(-offset, 0)], 0)
    source = x.unsqueeze(-2) if offset >= 0 else x.unsqueeze(-1)
    if offset < 0:
        source = torch.constant_pad_nd(self, [-offset, 0], 0).unsqueeze(-1)
    made = torch.where(columns - rows == offset, source, torch.zeros_like(source))
    return torch.movedim(made, [-2, -1], [dim1 % rank, dim2 % rank])


def constant_pad_nd(self, pad, value=0):
    return torch._C._nn.pad(self, pad, 'constant', value)


def hstack(tensors):
    return torch.cat(tensors, 0 if tensors[0].dim() == 1 else 1)


def vstack(tensors):
    return torch.cat([t.reshape(1, -1) if t.dim() < 2 else t for t in tensors], 0)


row_stack = vstack


def dstack(tensors):
    return torch.cat([t.reshape(1, -1, 1) if t.dim() == 1 else t.unsqueeze(-1) if t.dim() == 2 else t
                      for t in tensors], 2)


def column_stack(tensors):
    return torch.cat([t.reshape(-1, 1) if t.dim() < 2 else t for t in tensors], 1)


def concat(tensors, dim=0):
    return torch.cat(tensors, dim)


concatenate = concat


def tensor_split(self, indices_or_sections, dim=0):
    size = self.size(dim)
    if isinstance(indices_or_sections, int):
        n = indices_or_sections
        bounds = []
        end = 0
        for i in range(n - 1):
            end += size // n + (1 if i < size % n else 0)
            bounds.append(end)
    else:
        bounds = list(indices_or_sections)
    parts = []
    start = 0
    for end in bounds + [size]:
        parts.append(torch.slice_dim(self, dim, start, end))
        start = end
    return tuple(parts)


def hsplit(self, sections):
    return tensor_split(self, sections, 0 if self.dim() == 1 else 1)


def vsplit(self, sections):
    return tensor_split(self, sections, 0)


def unsafe_chunk(self, chunks, dim=0):
    return torch.chunk(self, chunks, dim)


def select_scatter(self, src, dim, index):
    out = self.clone()
    out.select(dim, index).copy_(src)
    return out


def slice_scatter(self, src, dim=0, start=None, end=None, step=1):
    out = self.clone()
    out[tuple([slice(None)] * dim + [slice(start, end, step)])] = src
    return out


def tril_indices(row, col, offset=0, *, dtype=None, device=None):
    pairs = [(i, j) for i in range(row) for j in range(col) if j <= i + offset]
    return torch.tensor([[p[0] for p in pairs], [p[1] for p in pairs]], dtype=dtype or torch.int64)


def triu_indices(row, col, offset=0, *, dtype=None, device=None):
    pairs = [(i, j) for i in range(row) for j in range(col) if j >= i + offset]
    return torch.tensor([[p[0] for p in pairs], [p[1] for p in pairs]], dtype=dtype or torch.int64)


def channel_shuffle(self, groups):
    n, c = self.shape[0], self.shape[1]
    rest = list(self.shape[2:])
    return self.reshape([n, groups, c // groups] + rest).transpose(1, 2).reshape([n, c] + rest)


def logspace(start, end, steps, base=10.0, *, dtype=None, device=None):
    return torch.pow(base, torch.linspace(start, end, steps, dtype=dtype))


def new_zeros(self, size, *, dtype=None):
    return torch.zeros(size, dtype=dtype or self.dtype)


def complex(real, imag):
    _isomorph.refuse('complex tensors are outside the subset')


polar = complex


# Indexing.

def take(self, index):
    flat = self.reshape(-1)
    return torch.index_select(flat, 0, index.reshape(-1)).reshape(index.shape)


def take_along_dim(self, indices, dim=None):
    if dim is None:
        return torch.gather(self.reshape(-1), 0, indices.reshape(-1))
    dim = dim % self.dim()
    shape = torch.broadcast_shapes(
        [1 if i == dim else s for i, s in enumerate(self.shape)],
        [1 if i == dim else s for i, s in enumerate(indices.shape)])
    own = [self.size(dim) if i == dim else s for i, s in enumerate(shape)]
    wanted = [indices.size(dim) if i == dim else s for i, s in enumerate(shape)]
    return torch.gather(self.expand(own), dim, indices.expand(wanted))


def masked_select(self, mask):
    self, mask = torch.broadcast_tensors(self, mask)
    return self[mask]


def masked_scatter(self, mask, source):
    mask = mask.expand(self.shape)
    position = torch.cumsum(mask.reshape(-1).long(), 0) - 1
    chosen = torch.index_select(source.reshape(-1), 0, torch.clamp(position, min=0))
    return torch.where(mask, chosen.reshape(self.shape), self)


def index_fill(self, dim, index, value):
    out = self.clone()
    out[tuple([slice(None)] * (dim % self.dim()) + [index])] = value
    return out


def index_put(self, indices, values, accumulate=False):
    out = self.clone()
    torch.index_put_(out, indices, values, accumulate)
    return out


def copy(self, src):
    return src.to(self.dtype).expand(self.shape)


def fill(self, value):
    return torch.full_like(self, value)


def cartesian_prod(*tensors):
    grids = torch.meshgrid(*tensors, indexing='ij')
    return torch.stack([g.reshape(-1) for g in grids], dim=1)


def argwhere(self):
    return torch.nonzero(self)


def bincount(self, weights=None, minlength=0):
    _isomorph.refuse('torch.bincount, whose size depends on values,')


def bucketize(self, boundaries, *, out_int32=False, right=False):
    return searchsorted(boundaries, self, out_int32=out_int32, right=right)


def searchsorted(sorted_sequence, self, *, out_int32=False, right=False, side=None, sorter=None):
    if sorted_sequence.dim() != 1 or sorter is not None:
        _isomorph.refuse('torch.searchsorted of rows')
    x = self if torch.is_tensor(self) else torch.tensor(self)
    after = right or side == 'right'
    below = (sorted_sequence <= x.unsqueeze(-1)) if after else (sorted_sequence < x.unsqueeze(-1))
    count = torch.sum(below, -1)
    return count.int() if out_int32 else count


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    found = torch.any(elements.unsqueeze(-1) == test_elements.reshape(-1), -1)
    return torch.logical_not(found) if invert else found


# Matrices.

def outer(self, vec2):
    return self.unsqueeze(1) * vec2.unsqueeze(0)


ger = outer


def inner(self, other):
    if self.dim() == 0 or other.dim() == 0:
        return self * other
    return torch.tensordot(self, other, [[-1], [-1]])


vdot = torch.dot


def tensordot(self, other, dims_self=2, dims_other=None, dims=None):
    axes = dims if dims is not None else dims_self if dims_other is None else [dims_self, dims_other]
    if isinstance(axes, int):
        a = list(range(self.dim() - axes, self.dim()))
        b = list(range(axes))
    else:
        a = [d % self.dim() for d in axes[0]]
        b = [d % other.dim() for d in axes[1]]
    keep_a = [i for i in range(self.dim()) if i not in a]
    keep_b = [i for i in range(other.dim()) if i not in b]
    size = 1
    for d in a:
        size = size * self.size(d)
    shape = [self.size(i) for i in keep_a] + [other.size(i) for i in keep_b]
    x = self.permute(keep_a + a).reshape(-1, size)
    y = other.permute(b + keep_b).reshape(size, -1)
    return torch.mm(x, y).reshape(shape)


def kron(self, other):
    x = self.reshape([v for s in self.shape for v in (s, 1)])
    y = other.reshape([v for s in other.shape for v in (1, s)])
    return (x * y).reshape([a * b for a, b in zip(self.shape, other.shape)])


def cross(self, other, dim=None):
    if dim is None:
        dim = [i for i, s in enumerate(self.shape) if s == 3][0]
    a = torch.roll(self, -1, dim) * torch.roll(other, -2, dim)
    b = torch.roll(self, -2, dim) * torch.roll(other, -1, dim)
    return a - b


linalg_cross = cross


def linalg_matmul(self, other):
    return torch.matmul(self, other)


def baddbmm(self, batch1, batch2, *, beta=1, alpha=1):
    product = torch.bmm(batch1, batch2)
    return (self * beta if beta != 1 else self) + (product * alpha if alpha != 1 else product)


def addbmm(self, batch1, batch2, *, beta=1, alpha=1):
    return self * beta + torch.sum(torch.bmm(batch1, batch2), 0) * alpha


def addmv(self, mat, vec, *, beta=1, alpha=1):
    return self * beta + torch.mv(mat, vec) * alpha


def addr(self, vec1, vec2, *, beta=1, alpha=1):
    return self * beta + torch.outer(vec1, vec2) * alpha


def chain_matmul(*matrices):
    out = matrices[0]
    for m in matrices[1:]:
        out = torch.matmul(out, m)
    return out


def trace(self):
    return torch.sum(torch.diagonal(self))


def cdist(x1, x2, p=2.0, compute_mode=None):
    return torch.linalg.vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def bilinear(input1, input2, weight, bias=None):
    y = torch.einsum('...i,oij,...j->...o', input1, weight, input2)
    return y if bias is None else y + bias


def cosine_similarity(x1, x2, dim=1, eps=1e-08):
    n1 = torch.sqrt(torch.sum(x1 * x1, dim, True))
    n2 = torch.sqrt(torch.sum(x2 * x2, dim, True))
    return torch.sum((x1 / torch.clamp(n1, min=eps)) * (x2 / torch.clamp(n2, min=eps)), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False):
    return torch.norm(x1 - x2 + eps, p, -1, keepdim)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    dims = list(range(-len(normalized_shape), 0))
    if eps is None:
        eps = torch.finfo(input.dtype).eps
    y = input * torch.rsqrt(torch.mean(input * input, dims, True) + eps)
    return y if weight is None else y * weight


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0,
                                 is_causal=False, *, scale=None, enable_gqa=False):
    if dropout_p > 0:
        _isomorph.refuse('scaled_dot_product_attention with dropout')
    if enable_gqa:
        key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
        value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
    factor = 1 / math.sqrt(query.size(-1)) if scale is None else scale
    scores = torch.matmul(query, key.transpose(-2, -1)) * factor
    if is_causal:
        rows, columns = query.size(-2), key.size(-2)
        allowed = torch.ones(rows, columns, dtype=torch.bool).tril()
        scores = torch.masked_fill(scores, torch.logical_not(allowed), -math.inf)
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            scores = torch.masked_fill(scores, torch.logical_not(attn_mask), -math.inf)
        else:
            scores = scores + attn_mask
    weights = torch.softmax(scores, -1)
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        # PyTorch gives zeros to a row in which nothing is allowed.
        none = torch.logical_not(torch.any(attn_mask, -1, True))
        weights = torch.masked_fill(weights, none, 0.0)
    return torch.matmul(weights, value)


def im2col(self, kernel_size, dilation, padding, stride):
    x = torch._C._nn.pad(self, [padding[1], padding[1], padding[0], padding[0]], 'constant', 0)
    rows = (x.size(-2) - dilation[0] * (kernel_size[0] - 1) - 1) // stride[0] + 1
    columns = (x.size(-1) - dilation[1] * (kernel_size[1] - 1) - 1) // stride[1] + 1
    parts = []
    for i in range(kernel_size[0]):
        for j in range(kernel_size[1]):
            top, left = i * dilation[0], j * dilation[1]
            parts.append(x[..., top:top + stride[0] * (rows - 1) + 1:stride[0],
                           left:left + stride[1] * (columns - 1) + 1:stride[1]])
    stacked = torch.stack(parts, -3)
    shape = list(self.shape[:-3])
    return stacked.reshape(shape + [self.size(-3) * kernel_size[0] * kernel_size[1],
                                    rows * columns])
