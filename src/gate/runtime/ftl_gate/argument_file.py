# Modules that read their arguments from a file, whose path is their only argument:
# the kinds json, script and old.
from . import child, frames, scratch, shebang


def run(call):
    module = call.module
    if module.kind == "old":
        text = " ".join("%s=%s" % (k, quoted(v)) for k, v in call.args.items())
    else:
        text = frames.dumps(call.args)
    args = scratch.write(call, module.base + ".args", text.encode("utf-8", "replace"))
    words = shebang.interpreter(module.source.decode("utf-8", "replace"))
    if words is None or shebang.is_python(words):
        return child.run_python(module, [module.path, args])
    from . import program

    path = module.path
    if not module.is_on_disk:
        path = scratch.write(call, module.base, module.source, 0o700)
    try:
        return program.become(words + [path, args])
    except OSError as error:
        raise SystemExit(
            "Cannot run %s: %s" % ((words + [path])[0], error.strerror)
        ) from error


def quoted(value):
    """A value as Ansible writes it for old modules: quoted for a shell."""
    import shlex

    return shlex.quote(value if isinstance(value, str) else frames.dumps(value))
