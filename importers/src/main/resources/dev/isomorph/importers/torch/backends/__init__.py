class _Flags:
    enabled = False
    benchmark = False
    deterministic = False
    allow_tf32 = False

    def is_available(self):
        return False

    is_built = is_available


cudnn = mps = mkldnn = cuda = _Flags()
