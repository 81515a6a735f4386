"""Initialisations: the weights are given, so nothing is drawn."""


def _keep(tensor, *args, **kwargs):
    return tensor


uniform_ = normal_ = trunc_normal_ = constant_ = ones_ = zeros_ = eye_ = dirac_ = _keep
xavier_uniform_ = xavier_normal_ = kaiming_uniform_ = kaiming_normal_ = orthogonal_ = sparse_ = _keep
uniform = normal = constant = xavier_uniform = xavier_normal = kaiming_uniform = kaiming_normal = _keep
orthogonal = _keep


def calculate_gain(nonlinearity, param=None):
    if nonlinearity == 'tanh':
        return 5.0 / 3
    if nonlinearity == 'relu':
        return 2.0 ** 0.5
    if nonlinearity == 'leaky_relu':
        slope = 0.01 if param is None else param
        return (2.0 / (1 + slope ** 2)) ** 0.5
    if nonlinearity == 'selu':
        return 3.0 / 4
    return 1


def _calculate_fan_in_and_fan_out(tensor):
    receptive = 1
    for d in tensor.shape[2:]:
        receptive = receptive * d
    return tensor.size(1) * receptive, tensor.size(0) * receptive


def _calculate_correct_fan(tensor, mode):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == 'fan_in' else fan_out


def _no_grad_trunc_normal_(tensor, *args, **kwargs):
    return tensor
