from torch._isomorph import Parameter
from torch import _isomorph


def Buffer(data, *, persistent=True):
    return data


def is_lazy(value):
    return False


class UninitializedParameter:
    def __init__(self, *args, **kwargs):
        _isomorph.refuse('nn.UninitializedParameter')
