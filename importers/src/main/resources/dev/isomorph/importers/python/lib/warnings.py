def warn(message, category=None, stacklevel=1, source=None):
    pass


def warn_explicit(*args, **kwargs):
    pass


def filterwarnings(*args, **kwargs):
    pass


def simplefilter(*args, **kwargs):
    pass


class catch_warnings:
    def __init__(self, *, record=False, **kwargs):
        self.record = record

    def __enter__(self):
        return [] if self.record else None

    def __exit__(self, *args):
        return False
