"""Reading and writing by index."""

import torch
from torch import _isomorph


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
