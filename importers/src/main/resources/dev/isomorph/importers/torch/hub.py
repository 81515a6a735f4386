from torch import _isomorph
from torch.utils.model_zoo import load_url as load_state_dict_from_url


def load(*args, **kwargs):
    _isomorph.refuse('torch.hub.load()')
