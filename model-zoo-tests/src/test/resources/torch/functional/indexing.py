"""Reading and writing by index."""

import torch
from torch import nn


class Gather(nn.Module):
    def forward(self, x, ids):
        return (
            torch.gather(x, 1, ids.unsqueeze(-1).expand(-1, -1, x.size(2))),
            x.gather(2, ids[:, :5, None] % 7),
            torch.take_along_dim(x, ids[:, None, :1] % 5, dim=1),
            x.index_select(1, ids[0]),
            torch.index_select(x, -1, torch.tensor([6, 0, 0])),
            torch.take(x, ids),
        )


class AdvancedRead(nn.Module):
    def forward(self, x, ids):
        rows = torch.arange(x.shape[0])
        return (
            x[rows, ids[:, 0]],
            x[:, ids[0]],
            x[rows[:, None], ids],
            x[:, ids],
            x[ids[:, 0] % 3],
            x[[2, 0, 0]],
            x[:, [0, -1]],
            x[rows, :, ids[:, 1]],
            x[0, ids[0, 0]],
            x[1, [0, 3], 2:4],
        )


class Scatter(nn.Module):
    def forward(self, x, ids):
        zeros = torch.zeros(3, 5, 7)
        index = ids[:, :, None].expand(-1, -1, 7)
        unique = torch.tensor([3, 1, 4]).view(1, 3, 1).expand(3, 3, 7)
        return (
            zeros.scatter(1, unique, x[:, :3]),
            zeros.scatter(1, unique, 2.5),
            zeros.scatter_add(1, index, x[:, :2]),
            zeros.index_add(1, ids[0], x[:, :2], alpha=0.5),
            zeros.index_copy(1, torch.tensor([4, 2]), x[:, :2]),
            zeros.index_fill(2, torch.tensor([0, 6]), -1.0),
            torch.scatter_reduce(x, 1, index, x[:, :2] * 2, reduce="amax"),
            zeros.scatter_reduce(1, index, x[:, :2], reduce="mean", include_self=False),
            torch.scatter(x, 1, unique, x[:, 2:]),
        )


class Masks(nn.Module):
    def forward(self, x, keep):
        causal = torch.tril(torch.ones(x.size(1), x.size(2))).bool()
        return (
            x.masked_fill(keep[:, :, None], 0.0),
            x.masked_fill(~causal, -1e9).softmax(-1),
            x * keep.unsqueeze(-1),
            torch.where(keep[..., None], x, -x),
            x.masked_scatter(causal, torch.arange(105.0)),
            keep.cumsum(1),
            keep.float().sum(1, keepdim=True),
        )


class OneHot(nn.Module):
    def forward(self, x, ids):
        return (
            nn.functional.one_hot(ids, num_classes=5),
            nn.functional.one_hot(ids, 6).float() @ x[0].new_ones(6, 2),
            nn.functional.embedding(ids, x[0]),
            torch.bincount(ids.flatten(), minlength=8),
            torch.bucketize(x, torch.tensor([-1.0, 0.0, 0.5])),
            torch.searchsorted(torch.tensor([-1.0, 0.0, 0.5]), x[0], right=True),
        )


class DataDependent(nn.Module):
    """Results whose size depends on values."""

    def forward(self, x, keep):
        return x[keep], torch.nonzero(keep), torch.masked_select(x[..., 0], keep), torch.where(keep)[1], x[x > 1.0]
