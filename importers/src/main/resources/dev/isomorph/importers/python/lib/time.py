def time():
    return 0.0


def perf_counter():
    return 0.0


def sleep(seconds):
    pass
