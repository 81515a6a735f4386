import os_path as path

sep = '/'
linesep = '\n'
name = 'posix'


class _Environment(dict):
    pass


environ = _Environment()


def getenv(key, default=None):
    return environ.get(key, default)
