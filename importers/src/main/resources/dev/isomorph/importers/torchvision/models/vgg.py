import torch
from torch import nn


def make_layers(plan, batch_norm=False):
    layers = []
    channels = 3
    for step in plan:
        if step == 'M':
            layers.append(nn.MaxPool2d(2, 2))
            continue
        layers.append(nn.Conv2d(channels, step, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(step))
        layers.append(nn.ReLU(inplace=True))
        channels = step
    return nn.Sequential(*layers)


class VGG(nn.Module):
    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def _plan(*repeats):
    plan = []
    for width, count in zip((64, 128, 256, 512, 512), repeats):
        plan += [width] * count + ['M']
    return plan


cfgs = {'A': _plan(1, 1, 2, 2, 2), 'B': _plan(2, 2, 2, 2, 2), 'D': _plan(2, 2, 3, 3, 3),
        'E': _plan(2, 2, 4, 4, 4)}


def _builder(plan, batch_norm):
    def build(weights=None, progress=True, pretrained=None, **kwargs):
        return VGG(make_layers(cfgs[plan], batch_norm), **kwargs)

    return build


vgg11, vgg11_bn = _builder('A', False), _builder('A', True)
vgg13, vgg13_bn = _builder('B', False), _builder('B', True)
vgg16, vgg16_bn = _builder('D', False), _builder('D', True)
vgg19, vgg19_bn = _builder('E', False), _builder('E', True)
