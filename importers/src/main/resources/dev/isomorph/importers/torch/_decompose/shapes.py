"""Views and copies in another shape, joins, index grids."""

import torch
from torch import _isomorph


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
