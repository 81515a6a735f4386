from torch import _isomorph


def load_url(*args, **kwargs):
    _isomorph.refuse('load_url()')
