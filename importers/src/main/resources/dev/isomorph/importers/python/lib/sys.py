maxsize = 9223372036854775807
version_info = (3, 11, 0)
version = '3.11.0'
platform = 'linux'
argv = ['']
path = []
modules = {}
byteorder = 'little'


class float_info:
    eps = 2.220446049250313e-16
    max = 1.7976931348623157e+308
    min = 2.2250738585072014e-308


def setrecursionlimit(n):
    pass


def getrecursionlimit():
    return 1000


def exit(code=0):
    raise SystemExit(code)
