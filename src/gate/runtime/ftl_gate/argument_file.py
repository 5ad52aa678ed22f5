# Modules that read their arguments from a file, whose path is their only argument:
# the kinds json, script and old. One that holds MARK gets them in its own text.
from . import ansible_arguments, child, scratch, shebang

MARK = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PLAIN = frozenset(LETTERS + LETTERS.upper() + "0123456789_@%+=:,./-")


def run(call):
    module = call.module
    args = ansible_arguments.complete(call)
    argv = []
    if MARK in module.source:
        source = module.source.replace(MARK, ansible_arguments.json_text(args).encode())
        module = type(module)(module.name, module.file, module.kind, None, source)
    else:
        is_json = module.kind == "json"
        text = (ansible_arguments.json_text if is_json else key_value_words)(args)
        data = text.encode("utf-8", "replace")
        argv = [scratch.write(call, module.base + ".args", data)]
    words = shebang.interpreter(module.source.decode("utf-8", "replace"))
    if words is None or shebang.is_python(words):
        return child.run_python(module, [module.path] + argv)
    from . import program

    path = module.path
    if not module.is_on_disk:
        path = scratch.write(call, module.base, module.source, 0o700)
    try:
        return program.become(words + [path] + argv)
    except OSError as error:
        raise SystemExit(
            "Cannot run %s: %s" % ((words + [path])[0], error.strerror)
        ) from error


def key_value_words(args):
    """The arguments as Ansible writes them for old modules: the text of each value
    in Python, quoted for a shell."""
    return "".join("%s=%s " % (k, quote(str(v))) for k, v in args.items())


def quote(text):
    """What shlex.quote() returns. Importing shlex takes 5 ms of CPU, with what it
    imports, half of what starting Python takes."""
    if text and PLAIN.issuperset(text):
        return text
    return "'%s'" % text.replace("'", "'\"'\"'")
