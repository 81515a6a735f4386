sep = '/'


def join(first, *others):
    path = first
    for part in others:
        if part.startswith('/'):
            path = part
        elif not path or path.endswith('/'):
            path += part
        else:
            path += '/' + part
    return path


def split(path):
    head, _, tail = path.rpartition('/')
    return head, tail


def basename(path):
    return split(path)[1]


def dirname(path):
    return split(path)[0]


def splitext(path):
    head, dot, tail = path.rpartition('.')
    if not dot or '/' in tail:
        return path, ''
    return head, dot + tail


def abspath(path):
    return path


realpath = normpath = expanduser = expandvars = abspath


def isabs(path):
    return path.startswith('/')


def exists(path):
    # A model's source sees no files.
    return False


isfile = isdir = exists
