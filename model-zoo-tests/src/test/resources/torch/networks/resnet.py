"""Residual networks: basic and bottleneck blocks, with or without squeeze and excitation."""

from typing import List, Optional, Type, Union

import torch
import torch.nn as nn
from torch import Tensor


def conv3x3(inputs: int, outputs: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, groups=groups, bias=False)


class SqueezeExcite(nn.Module):
    """Weighs the channels by what the whole image says."""

    def __init__(self, channels: int, reduction: int = 4):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.weigh = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        n, c, _, _ = x.size()
        weights = self.weigh(self.pool(x).view(n, c))
        return x * weights.view(n, c, 1, 1).expand_as(x)


class Basic(nn.Module):
    expansion: int = 1

    def __init__(self, inputs, width, stride=1, shortcut: Optional[nn.Module] = None, excite=False):
        super().__init__()
        self.conv1 = conv3x3(inputs, width, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.excite = SqueezeExcite(width) if excite else None
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.excite is not None:
            out = self.excite(out)
        out += x if self.shortcut is None else self.shortcut(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    expansion: int = 2

    def __init__(self, inputs, width, stride=1, shortcut=None, excite=False):
        super().__init__()
        out = width * self.expansion
        self.squeeze = nn.Sequential(nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.spread = nn.Sequential(conv3x3(width, width, stride, groups=2), nn.BatchNorm2d(width), nn.ReLU())
        self.widen = nn.Sequential(nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out))
        self.excite = SqueezeExcite(out) if excite else nn.Identity()
        self.shortcut = shortcut or nn.Identity()

    def forward(self, x):
        return torch.relu(self.excite(self.widen(self.spread(self.squeeze(x)))) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(
        self,
        block: Type[Union[Basic, Bottleneck]],
        layers: List[int],
        width: int = 6,
        classes: int = 5,
        excite: bool = False,
    ) -> None:
        super().__init__()
        self.channels = width
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        for i, count in enumerate(layers):
            stage = self._make_layer(block, width * 2**i, count, stride=min(i + 1, 2), excite=excite)
            setattr(self, f"layer{i + 1}", stage)
        self.depth = len(layers)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(self.channels, classes)
        self.reset()

    def reset(self):
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.constant_(module.weight, 0 if name.endswith("bn2") else 1)
                nn.init.constant_(module.bias, 0)

    def _make_layer(self, block, width, count, stride=1, excite=False):
        outputs = width * block.expansion
        shortcut = None
        if stride != 1 or self.channels != outputs:
            shortcut = nn.Sequential(
                nn.Conv2d(self.channels, outputs, 1, stride, bias=False),
                nn.BatchNorm2d(outputs),
            )
        blocks = [block(self.channels, width, stride, shortcut, excite)]
        self.channels = outputs
        blocks += [block(outputs, width, excite=excite) for _ in range(1, count)]
        return nn.Sequential(*blocks)

    def _features(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for i in range(1, self.depth + 1):
            x = getattr(self, f"layer{i}")(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self._features(x))
        return self.fc(torch.flatten(x, 1))
