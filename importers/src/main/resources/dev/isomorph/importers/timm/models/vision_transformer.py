def _cfg(**kwargs):
    return kwargs
