def script(value=None, *args, **kwargs):
    return value


def _keep(value=None, *args, **kwargs):
    return value if callable(value) else (lambda v: v)


ignore = unused = export = script_method = interface = _keep
script_if_tracing = _keep
Final = list
ScriptModule = None


def is_scripting():
    return False


is_tracing = is_scripting


def annotate(type_, value):
    return value

