"""Types: promotion, casts, integers, doubles, half."""

import torch
from torch import nn


class Promotion(nn.Module):
    def forward(self, x, ids):
        return (
            ids + 1,
            ids + 1.5,
            ids / 2,
            ids // 2,
            -ids // 3,
            ids % 3,
            -ids % 3,
            ids * True,
            x + ids,
            x * 2,
            (x > 0) + (ids[:, :7] > 3),
            (x > 0) * 1.5,
            (x > 0) + 1,
            ids.double() + x,
            x + torch.tensor(2.0, dtype=torch.float64),
            ids + torch.tensor(1, dtype=torch.int32),
            ids.to(torch.int32) + torch.tensor([1], dtype=torch.int64),
            torch.sum(ids.int()),
            torch.sum(x > 0, dim=0),
            torch.mean(ids.float()),
            ids.pow(2),
            2**ids,
            torch.true_divide(ids, 4),
            torch.sqrt(ids.abs()),
            torch.exp(ids.clamp(max=3)),
        )


class Casts(nn.Module):
    def forward(self, x):
        return (
            (x * 3).int(),
            (x * 3).long(),
            (x * 3).to(torch.int8),
            x.abs().mul(20).to(torch.uint8),
            x.bool(),
            (x > 0).float(),
            (x > 0).long(),
            x.half().float(),
            x.to(torch.bfloat16).float(),
            x.double(),
            x.type(torch.float64),
            (x * 2).int().type_as(x),
            x.to(x.dtype),
            x.half() * 2,
            x.double().sum(),
        )


class Bits(nn.Module):
    def forward(self, ids):
        return ids & 6, ids | 9, ids ^ 5, ~ids, ids << 2, ids >> 1, torch.bitwise_and(ids, 3), torch.bitwise_not(ids.int())


class DoubleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(7, 4).double()

    def forward(self, x):
        return torch.softmax(self.linear(x), dim=-1)


class HalfWeights(nn.Module):
    """Weights stored in half precision, computed with in single."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(5, 7).half())
        self.gain = nn.Parameter(torch.randn(7).bfloat16())

    def forward(self, x):
        return x + self.table.float() * self.gain.to(torch.float32)
