from torch._functions import _Mode as autocast


def custom_fwd(function=None, **kwargs):
    return function if function is not None else (lambda f: f)


custom_bwd = custom_fwd
