from torch import _isomorph


def pack_padded_sequence(*args, **kwargs):
    _isomorph.refuse('pack_padded_sequence()')


def pad_packed_sequence(*args, **kwargs):
    _isomorph.refuse('pad_packed_sequence()')


class PackedSequence:
    pass
