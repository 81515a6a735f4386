import torch
from torch import nn

from . import constants as const


class Scale(nn.Module):
    """Learned factor for each channel."""

    def __init__(self, channels: int, init: float = const.INITIAL_SCALE) -> None:
        super().__init__()
        self.gamma = nn.Parameter(init * torch.ones(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gamma.view(1, -1, *([1] * (x.dim() - 2)))


def scaled(module: nn.Module, channels: int) -> nn.Sequential:
    return nn.Sequential(module, Scale(channels))
