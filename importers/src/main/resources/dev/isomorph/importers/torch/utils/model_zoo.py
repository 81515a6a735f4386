from torch import _isomorph


def load_url(*args, **kwargs):
    return _isomorph.checkpoint
