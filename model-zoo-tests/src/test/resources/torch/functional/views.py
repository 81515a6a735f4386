"""Shapes, views, joins and splits."""

import torch
from torch import nn


class Reshape(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        return (
            x.view(n, c, h * w),
            x.reshape(n, -1),
            x.view(-1),
            x.reshape((n * c, h, w)),
            torch.reshape(x, [h, -1]),
            x.view(x.size(0), 2, c // 2, *x.shape[2:]),
            x.flatten(2),
            x.flatten(start_dim=-2),
            torch.flatten(x, 1, 2),
            x.unflatten(1, (2, -1)),
            x.view_as(x.reshape(n, h, w, c)),
            x.contiguous().view(n, -1).reshape_as(x),
        )


class Permute(nn.Module):
    def forward(self, x):
        return (
            x.permute(0, 2, 3, 1),
            x.permute((3, -2, 1, 0)),
            torch.permute(x, (1, 0, 3, 2)).contiguous(),
            x.transpose(1, 2),
            torch.transpose(x, -1, 0),
            x[0, 0].t(),
            x[0].mT,
            x[0, 0].T,
            x.swapaxes(0, 1),
            torch.movedim(x, 1, -1),
            x.movedim((0, 1), (2, 0)),
        )


class Squeeze(nn.Module):
    def forward(self, x):
        y = x.unsqueeze(0).unsqueeze(-1)
        return (
            y,
            y.squeeze(),
            y.squeeze(0),
            y.squeeze(1),
            torch.squeeze(y, -1),
            y.squeeze((0, -1)),
            torch.unsqueeze(x, 2),
            x[None, :, None],
            x[..., None],
        )


class Expand(nn.Module):
    def forward(self, x):
        row = x[:1, :1]
        return (
            row.expand(x.shape[0], -1, -1),
            row.expand(2, *x.shape),
            row.expand_as(x),
            x.repeat(2, 1, 3),
            x.repeat(2, 1, 1, 2),
            torch.tile(x, (2, 2)),
            x.repeat_interleave(2, dim=1),
            torch.repeat_interleave(x, torch.tensor([1, 3, 0]), dim=0),
            torch.broadcast_to(x[:, :1], x.shape),
            torch.broadcast_tensors(x, x[0])[1],
        )


class Split(nn.Module):
    def forward(self, x):
        a, b, c = x.chunk(3, dim=1)
        first, rest = torch.split(x, [2, 5], dim=1)
        return (
            a,
            b + a,
            c,
            first,
            rest,
            x.split(3, 1)[-1],
            torch.chunk(x, 2, -1)[1],
            *x.unbind(0)[:2],
            x.tensor_split(3, dim=2)[0],
            torch.tensor_split(x, (1, 4), dim=1)[1],
            x.narrow(1, 2, 3),
            x.select(2, -1),
        )


class Join(nn.Module):
    def forward(self, x, y):
        return (
            torch.cat((x, y), dim=1),
            torch.cat([x, y, x], -2),
            torch.concat([x, y], dim=0),
            torch.stack([x, y]),
            torch.stack((x, y), dim=-1),
            torch.hstack([x, y]),
            torch.vstack([x, y]),
            torch.dstack([x, y]),
        )


class Slices(nn.Module):
    def forward(self, x):
        k = x.shape[1] // 2
        return (
            x[0],
            x[-1, 1:],
            x[:, 1:-1],
            x[:, ::2],
            x[..., -3:],
            x[:, k:],
            x[:, :k, 1],
            x[1:2, None, ..., 0],
            x[:, 5:100],
            x[:, 3:3],
        )


class Flips(nn.Module):
    def forward(self, x):
        return (
            x.flip(1),
            torch.flip(x, [0, -1]),
            torch.fliplr(x),
            torch.roll(x, 2, dims=1),
            torch.roll(x, shifts=(1, -2), dims=(0, 2)),
            torch.roll(x, 3),
            torch.rot90(x, 1, [1, 2]),
        )


class Windows(nn.Module):
    def forward(self, x):
        return x.unfold(1, 3, 2), x.unfold(2, 2, 1).sum(-1), torch.diagonal(x, 1, 1, 2), torch.tril(x, -1), x.triu(1)


class Diagonals(nn.Module):
    def forward(self, x):
        return torch.diag(x[0]), torch.diag(x[0, 0], 1), torch.diag_embed(x[0]), x.diagonal(dim1=0, dim2=2), torch.trace(x[0])


class Created(nn.Module):
    """Tensors that forward makes itself, with sizes from the input."""

    def forward(self, x):
        n, c, w = x.shape
        positions = torch.arange(w, device=x.device)
        rows, columns = torch.meshgrid(torch.arange(c), torch.arange(w), indexing="ij")
        return (
            x + positions,
            torch.arange(1, c + 1, 2, dtype=torch.float32),
            torch.arange(0.5, 2.0, 0.25),
            torch.linspace(-1, 1, w) * x,
            torch.zeros(n, c),
            torch.ones_like(x) * 3,
            torch.full((c,), 2.5),
            torch.full_like(x, -1.5),
            x.new_full((2, 3), 7),
            torch.eye(c, w),
            torch.tensor([[1, 2], [3, 4]]),
            torch.tensor([0.5, -1.5]) * 2,
            torch.empty_like(x).fill_(4),
            (rows * w + columns).float(),
            torch.logspace(0, 2, 4),
            torch.cartesian_prod(torch.arange(2), torch.arange(3)),
        )
