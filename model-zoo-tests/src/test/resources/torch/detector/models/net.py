"""The parts of the detector: backbone, feature pyramid, context module."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv_bn(inp, oup, kernel=3, stride=1, leaky=None):
    """Convolution without bias, batch norm and, if leaky is a number, a leaky ReLU of that slope."""
    layers = [
        nn.Conv2d(inp, oup, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(oup),
    ]
    if leaky is not None:
        layers.append(nn.LeakyReLU(negative_slope=leaky, inplace=True))
    return nn.Sequential(*layers)


def conv_dw(inp, oup, stride, leaky=0.1):
    return nn.Sequential(
        nn.Conv2d(inp, inp, 3, stride, 1, groups=inp, bias=False),
        nn.BatchNorm2d(inp),
        nn.LeakyReLU(negative_slope=leaky, inplace=True),
        *conv_bn(inp, oup, kernel=1, leaky=leaky),
    )


class MobileBackbone(nn.Module):
    """Depthwise separable convolutions in three stages, whose outputs have strides 8, 16 and 32."""

    def __init__(self, width=6, repeats=(1, 1, 1), classes=10):
        super(MobileBackbone, self).__init__()
        self.stage1 = nn.Sequential(
            conv_bn(3, width, stride=2, leaky=0.1),
            conv_dw(width, width * 2, 2),
            conv_dw(width * 2, width * 4, 2),
            *[conv_dw(width * 4, width * 4, 1) for _ in range(repeats[0])],
        )
        self.stage2 = self._stage(width * 4, width * 8, repeats[1])
        self.stage3 = self._stage(width * 8, width * 16, repeats[2])
        self.avg = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(width * 16, classes)

    @staticmethod
    def _stage(inp, oup, repeats):
        return nn.Sequential(conv_dw(inp, oup, 2), *(conv_dw(oup, oup, 1) for _ in range(repeats)))

    def forward(self, x):
        for stage in (self.stage1, self.stage2, self.stage3):
            x = stage(x)
        x = self.avg(x).view(-1, self.fc.in_features)
        return self.fc(x)


class SSH(nn.Module):
    """Context from three receptive fields, 3, 5 and 7 pixels wide, that share their convolutions."""

    def __init__(self, channels):
        super(SSH, self).__init__()
        assert channels % 4 == 0, "channels are split in halves and quarters"
        quarter = channels // 4
        leaky = 0.1 if channels <= 64 else 0.0
        self.near = conv_bn(channels, channels - 2 * quarter)
        self.reduce = conv_bn(channels, quarter, leaky=leaky)
        self.middle = conv_bn(quarter, quarter)
        self.far = nn.Sequential(conv_bn(quarter, quarter, leaky=leaky), conv_bn(quarter, quarter))

    def forward(self, feature):
        reduced = self.reduce(feature)
        fields = [self.near(feature), self.middle(reduced), self.far(reduced)]
        return F.relu(torch.cat(fields, dim=1))


class FPN(nn.Module):
    """Top-down pathway: each level is enlarged to the size of the one below it and added."""

    def __init__(self, in_channels_list, out_channels):
        super(FPN, self).__init__()
        leaky = 0.0
        if out_channels <= 64:
            leaky = 0.1
        self.lateral = nn.ModuleList([conv_bn(c, out_channels, kernel=1, leaky=leaky) for c in in_channels_list])
        self.merge = nn.ModuleList()
        for _ in in_channels_list[:-1]:
            self.merge.append(conv_bn(out_channels, out_channels, leaky=leaky))

    def forward(self, input):
        input = list(input.values())
        levels = [conv(x) for conv, x in zip(self.lateral, input)]
        for i in range(len(levels) - 2, -1, -1):
            here, above = levels[i], levels[i + 1]
            above = F.interpolate(above, size=[here.size(2), here.size(3)], mode="nearest")
            levels[i] = self.merge[i](here + above)
        return levels
