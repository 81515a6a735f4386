from torch import broadcast_tensors, einsum, meshgrid, norm, split, tensordot
