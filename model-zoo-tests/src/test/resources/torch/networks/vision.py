"""Image networks of other styles: U-Net, inverted residuals, dense blocks, shuffles, VGG plans, vision transformer."""

import math
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn


class ConvPair(nn.Sequential):
    def __init__(self, inputs, outputs, between=None):
        between = between or outputs
        layers = OrderedDict()
        for i, (a, b) in enumerate([(inputs, between), (between, outputs)], start=1):
            layers[f"conv{i}"] = nn.Conv2d(a, b, kernel_size=3, padding=1, bias=False)
            layers[f"norm{i}"] = nn.BatchNorm2d(b)
            layers[f"relu{i}"] = nn.ReLU(inplace=True)
        super().__init__(layers)


class Ascend(nn.Module):
    """Enlarges the deeper features, pads them to the size of the skip connection and joins both."""

    def __init__(self, deep, skip, learned=True):
        super().__init__()
        if learned:
            self.enlarge = nn.ConvTranspose2d(deep, skip, kernel_size=2, stride=2)
            self.mix = ConvPair(skip * 2, skip)
        else:
            self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.mix = ConvPair(deep + skip, skip, between=deep // 2)

    def forward(self, deep, skip):
        deep = self.enlarge(deep)
        rows, columns = (s - d for s, d in zip(skip.shape[2:], deep.shape[2:]))
        deep = F.pad(deep, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return self.mix(torch.cat([skip, deep], dim=1))


class UNet(nn.Module):
    def __init__(self, widths=(4, 6, 10), classes=2, learned=True):
        super().__init__()
        self.stem = ConvPair(3, widths[0])
        self.descend = nn.ModuleList(
            [nn.Sequential(nn.MaxPool2d(2), ConvPair(a, b)) for a, b in zip(widths, widths[1:])]
        )
        self.ascend = nn.ModuleList([Ascend(b, a, learned) for a, b in zip(widths[-2::-1], widths[:0:-1])])
        self.classify = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        skips = [self.stem(x)]
        for down in self.descend:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.ascend:
            x = up(x, skips.pop())
        return self.classify(x)


def even(channels, multiple=2):
    """The nearest multiple that is at least nine tenths of the channels."""
    rounded = max(multiple, int(channels / multiple + 0.5) * multiple)
    return rounded if rounded >= 0.9 * channels else rounded + multiple


def conv_norm(inputs, outputs, kernel=1, stride=1, groups=1, act=nn.ReLU6):
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if act:
        layers.append(act(inplace=True))
    return layers


class Inverted(nn.Module):
    """Widens, filters each channel, narrows without activation; adds its input where the shapes allow."""

    def __init__(self, inputs, outputs, stride, factor):
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride is 1 or 2, not {stride}")
        hidden = int(round(inputs * factor))
        widen = conv_norm(inputs, hidden) if factor != 1 else []
        self.body = nn.Sequential(
            *widen, *conv_norm(hidden, hidden, 3, stride, hidden), *conv_norm(hidden, outputs, act=None)
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.body(x)
        return x + y if self.adds else y


class MobileNet(nn.Module):
    # factor, channels, repeats, stride of the first
    plan = [[1, 6, 1, 1], [3, 8, 2, 2], [3, 12, 1, 2]]

    def __init__(self, classes=5, width=1.0):
        super().__init__()
        channels = even(4 * width)
        blocks = conv_norm(3, channels, 3, 2, act=nn.Hardswish)
        for factor, wanted, repeats, stride in self.plan:
            outputs = even(wanted * width)
            for i in range(repeats):
                blocks.append(Inverted(channels, outputs, stride if i == 0 else 1, factor=factor))
                channels = outputs
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(channels, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


class DenseLayer(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.add_module("norm", nn.BatchNorm2d(channels))
        self.add_module("conv", nn.Conv2d(channels, growth, 3, padding=1))

    def forward(self, inputs):
        x = inputs if isinstance(inputs, torch.Tensor) else torch.cat(inputs, 1)
        return self.conv(F.elu(self.norm(x)))


class DenseStage(nn.ModuleDict):
    """Each layer reads all that came before it."""

    def __init__(self, layers, channels, growth):
        super().__init__()
        for i in range(layers):
            self["layer%d" % i] = DenseLayer(channels + growth * i, growth)
        self.out_channels = channels + growth * layers

    def forward(self, x):
        seen = [x]
        for name, layer in self.items():
            seen.append(layer(seen))
        return torch.cat(seen, 1)


class DenseNet(nn.Module):
    def __init__(self, growth=3, stages=(2, 3), stem=4, classes=5):
        super().__init__()
        parts = OrderedDict(stem=nn.Conv2d(3, stem, 3, 2, padding=1), act=nn.PReLU(stem))
        channels = stem
        for i, layers in enumerate(stages):
            if i > 0:
                parts[f"halve{i}"] = nn.Sequential(nn.Conv2d(channels, channels // 2, 1), nn.AvgPool2d(2))
                channels //= 2
            parts[f"stage{i}"] = stage = DenseStage(layers, channels, growth)
            channels = stage.out_channels
        self.features = nn.Sequential(parts)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        x = F.adaptive_avg_pool2d(x, (1, 1))
        return F.log_softmax(self.classifier(torch.flatten(x, 1)), dim=1)


def interleave(x, groups):
    n, c, h, w = x.data.size()
    x = x.view(n, groups, c // groups, h, w)
    return torch.transpose(x, 1, 2).contiguous().view(n, -1, h, w)


class ShuffleUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(nn.Conv2d(half, half, 3, 1, 1, groups=half), nn.BatchNorm2d(half), nn.SiLU())

    def forward(self, x):
        kept, changed = x.chunk(2, dim=1)
        return interleave(torch.cat((kept, self.branch(changed)), dim=1), groups=2)


class ShuffleNet(nn.Sequential):
    def __init__(self, channels=6):
        super().__init__(nn.Conv2d(3, channels, 1), *[ShuffleUnit(channels) for _ in range(3)])


def stack(plan, channels=3, batch_norm=True):
    """Layers from a plan of widths, where "M" halves the image."""
    layers = []
    for entry in plan:
        if entry == "M":
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        layers.append(nn.Conv2d(channels, entry, kernel_size=3, padding=1))
        layers += [nn.BatchNorm2d(entry), nn.ReLU(inplace=True)] if batch_norm else [nn.ReLU(True)]
        channels = entry
    return nn.Sequential(*layers)


class VGG(nn.Module):
    plans = {"A": [4, "M", 6, 6, "M"]}

    def __init__(self, key="A", classes=5):
        super().__init__()
        self.features = stack(self.plans[key])
        self.avgpool = nn.AdaptiveAvgPool2d((3, 2))
        self.classifier = nn.Sequential(nn.Linear(6 * 3 * 2, 8), nn.ReLU(True), nn.Dropout(), nn.Linear(8, classes))

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(x.view(x.size(0), -1))


class DeepLabHead(nn.Module):
    """Dilated branches side by side and one of the whole image, enlarged back."""

    def __init__(self, channels=4, out=3, rates=(1, 2, 3)):
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, 2, 1)
        self.branches = nn.ModuleList([nn.Conv2d(channels, out, 3, padding=r, dilation=r) for r in rates])
        self.image = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, out, 1), nn.ReLU())
        self.project = nn.Conv2d(out * (len(rates) + 1), 2, 1)

    def forward(self, x):
        size = x.shape[-2:]
        x = self.stem(x)
        pooled = F.interpolate(self.image(x), size=x.shape[-2:], mode="bilinear", align_corners=False)
        y = self.project(torch.cat([branch(x) for branch in self.branches] + [pooled], dim=1))
        return {"out": F.interpolate(y, size=size, mode="bilinear", align_corners=False)}


class PatchAttention(nn.Module):
    """Queries, keys and values from one projection, heads along an axis of their own."""

    def __init__(self, width, heads=2):
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, tokens):
        n, length, width = tokens.shape
        packed = self.project(tokens).reshape(n, length, 3, self.heads, self.head_width)
        packed = packed.permute(2, 0, 3, 1, 4)
        queries, keys, values = packed[0], packed[1], packed[2]
        weights = (queries @ keys.transpose(-2, -1) * self.head_width**-0.5).softmax(dim=-1)
        return self.out((weights @ values).transpose(1, 2).reshape(n, length, width))


class VisionTransformer(nn.Module):
    def __init__(self, image=(9, 6), patch=3, dim=6, depth=2, classes=5):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)
        patches = math.prod(side // patch for side in image)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, patches + 1, dim))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.blocks = nn.ModuleList(
            [
                nn.ModuleDict(
                    dict(
                        norm1=nn.LayerNorm(dim, eps=1e-6),
                        attn=PatchAttention(dim),
                        norm2=nn.LayerNorm(dim, eps=1e-6),
                        mlp=nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim)),
                    )
                )
                for _ in range(depth)
            ]
        )
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward_features(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + self.pos_embed
        for block in self.blocks:
            x = x + block["attn"](block["norm1"](x))
            x = x + block.mlp(block.norm2(x))
        return self.norm(x)

    def forward(self, x):
        return self.head(self.forward_features(x)[:, 0])


class Autoencoder(nn.Module):
    """A variational one: in eval mode the code is its mean."""

    def __init__(self, latent=3):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 6, 4, 2, 1), nn.Flatten())
        self.mu, self.log_var = nn.Linear(6 * 2 * 3, latent), nn.Linear(6 * 2 * 3, latent)
        self.expand = nn.Linear(latent, 6 * 2 * 3)
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (6, 2, 3)), nn.ConvTranspose2d(6, 4, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Tanh()
        )

    def reparameterize(self, mu, log_var):
        if self.training:
            std = torch.exp(0.5 * log_var)
            return mu + std * torch.randn_like(std)
        return mu

    def forward(self, x):
        hidden = self.encoder(x)
        mu, log_var = self.mu(hidden), self.log_var(hidden)
        return self.decoder(self.expand(self.reparameterize(mu, log_var))), mu, log_var
