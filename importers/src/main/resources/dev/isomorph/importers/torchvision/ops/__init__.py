from torchvision.ops.misc import Conv2dNormActivation, SqueezeExcitation, StochasticDepth
