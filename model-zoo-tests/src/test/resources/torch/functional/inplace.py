"""In-place operators: every name of a storage sees what was written."""

import torch
from torch import nn
from torch.nn import functional as F


class Basic(nn.Module):
    def forward(self, x):
        y = x.clone()
        alias = y
        y += 1
        y.mul_(2).sub_(0.5)
        y -= x
        F.relu_(y)
        y.clamp_(max=3)
        return alias, y, x


class ThroughViews(nn.Module):
    def forward(self, x):
        y = x.clone()
        rows = y.view(x.size(0), -1)
        column = y[:, :, 0]
        flipped = y.transpose(1, 2)
        y[:, 1] = 0
        column += 10
        rows[:, -1] *= 2
        flipped[:, 2:4] = flipped[:, :2] - 1
        y[0].neg_()
        y[..., 3:].fill_(0.5)
        return y, rows, column, flipped


class Assign(nn.Module):
    def forward(self, x):
        y = torch.zeros_like(x)
        y[:, ::2] = x[:, ::2]
        y[:, 1, 2:5] = x[0, 0, :3]
        y[-1] = torch.arange(7.0)
        y[x > 1] = -5
        y[0, [1, 3]] = x[1, [0, 0]]
        y[:, torch.tensor([4])] += 100
        y[1, 2, 3] = 42
        z = x.clone()
        z[:, :, :-1] = z[:, :, 1:].clone()
        return y, z


class CopyAndSwap(nn.Module):
    def forward(self, x, y):
        a = torch.empty_like(x)
        a.copy_(y[:1])
        a, b = x.clone(), a
        b[0].copy_(a[0])
        a.zero_()
        left, right = b.chunk(2, dim=2)
        left.add_(1)
        right.index_fill_(1, torch.tensor([0]), 9.0)
        return a, b


class Accumulate(nn.Module):
    """A list filled by a loop, and a tensor written slice by slice."""

    def forward(self, x):
        total = torch.zeros(x.size(0), x.size(2))
        out = torch.empty(x.size(0), x.size(1), x.size(2))
        seen = []
        for i in range(x.size(1)):
            total = 0.5 * total + x[:, i]
            out[:, i] = total
            seen.append(total.mean(dim=1, keepdim=True))
        return out, torch.cat(seen, dim=1)


class Inplace(nn.Module):
    """An in-place activation changes the branch point that the addition below reads."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(7, 7)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.linear(x)
        z = self.act(y)
        return y + z, y


class Counter(nn.Module):
    """Buffers that forward reads and writes: state, seen here from its initial value."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(7, 4)
        self.register_buffer("steps", torch.tensor(3))
        self.register_buffer("average", torch.full((4,), 0.25))

    def forward(self, x):
        y = self.linear(x)
        self.steps += 1
        self.average = 0.9 * self.average + 0.1 * y.mean(dim=(0, 1))
        return y - self.average, self.steps * y
