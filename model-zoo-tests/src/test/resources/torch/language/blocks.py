"""A sibling file that model.py imports."""

from torch import nn

DEFAULT_WIDTH = 6
_SLOPE = 0.15


def init_weights(module, gain: float = 1.0):
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight, a=_SLOPE, mode="fan_out", nonlinearity="leaky_relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.constant_(module.weight, gain)


def make_activation(name, **kwargs):
    table = {"relu": nn.ReLU, "leaky": lambda inplace=False: nn.LeakyReLU(_SLOPE, inplace), "none": nn.Identity}
    try_name = name.strip().lower()
    if try_name not in table:
        raise KeyError(f"unknown activation {name!r}, one of {', '.join(sorted(table))}")
    return table[try_name](**kwargs)
