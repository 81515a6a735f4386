"""The two networks of the digits example, as PyTorch modules."""

import torch
from torch import nn
from torch.nn import functional as F


class SimpleNN(nn.Module):
    """Linear, ReLU, Linear: 64 pixels in [0, 1] to the logits of ten digits."""

    def __init__(self, in_features: int = 64, hidden: int = 32, classes: int = 10):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(F.relu(self.fc1(x)))


class ConvBlock(nn.Sequential):
    """A convolution that keeps the image's size, then half the size."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
        )


class ConvNet(nn.Module):
    """Two convolution blocks and a classifier: images [N, 1, 8, 8] to the logits of ten digits."""

    def __init__(self, channels: tuple[int, int] = (12, 20), classes: int = 10, dropout: float = 0.25):
        super().__init__()
        first, second = channels
        self.features = nn.Sequential(ConvBlock(1, first), ConvBlock(first, second))
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(second * 2 * 2, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.features(x)
        x = torch.flatten(x, 1)
        x = self.dropout(x)
        return self.classifier(x)
