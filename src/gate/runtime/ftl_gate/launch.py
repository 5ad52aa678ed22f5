# How each kind of module is run, in the child that was forked for the call.
import os
import sys

from . import child, folder, frames, modules, scratch, shebang

NATIVE = "ftl_module"  # what a native module is called inside
RESUME = (
    "import sys;sys.path[0]=sys.argv[1];from ftl_gate import child,launch;"
    "del sys.path[0];child.end(launch.resume)"
)


def start(call):
    """Runs the module in this process, or becomes the program that it is."""
    for name, value in call.env.items():
        os.environb[name.encode()] = value.encode()
    if "TZ" in call.env:
        import time

        time.tzset()
    if call.fresh:
        start_fresh(call)
    else:
        run(call)


def run(call):
    kind = call.module.kind
    if call.module.is_on_disk and call.module.root.path != call.gate:
        modules.add_site(call.module.root)
    if kind == "native":
        from . import native

        return native.run(call)
    os.close(3)
    if kind == "new":
        run_new(call)
    elif kind == "binary":
        run_binary(call)
    else:
        run_with_file(call)


class Main(type(sys)):
    """The module that runs. Where a respawned one would import itself and its
    utils from (`_modlib_path`) is only made when it is asked for."""

    __slots__ = ("_call",)

    def __init__(self, call):
        super().__init__("__main__")
        self._call = call

    @property
    def _modlib_path(self):
        call, module = self._call, self._call.module
        if not module.is_on_disk or call.gate is None:
            raise OSError("This module is nowhere on disk: it cannot be respawned")
        if module.root.path == call.gate:
            return call.gate
        import atexit

        place = scratch.make(scratch.beside(call.gate), call)
        atexit.register(folder.remove, place)
        scratch.overlay(place + "/lib", [module.root.path, call.gate])
        return place + "/lib"


def run_python(call, argv, **names):
    """Runs a module as the main program."""
    import builtins

    main = Main(call)
    main.__dict__.update(names, __file__=call.module.path, __builtins__=builtins)
    sys.modules["__main__"] = main
    sys.argv = argv
    exec(call.module.code, main.__dict__)


def run_new(call):
    """As Ansible starts it: basic has the arguments, and so has stdin."""
    module, args = call.module, call.args
    basic = load_basic() if call.has_basic else None
    if call.settings is not None and basic:
        args = dict(args, **said_by_ansible(call, basic))
    data = frames.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    child.give_stdin(data)
    if basic:
        basic._ANSIBLE_ARGS = data
        basic._ANSIBLE_PROFILE = "legacy"
    package = module.full_name.rpartition(".")[0]
    if package:
        __import__(package)  # relative imports start there
    names = {"__package__": package or None, "_module_fqn": module.full_name}
    run_python(call, [module.path], **names)


def load_basic():
    """What every new-style module is made of; or why this Python cannot run it."""
    import ansible

    try:
        from ansible.module_utils import basic

        return basic
    except Exception as error:
        core = "ansible-core %s" % getattr(ansible, "__version__", "")
        python = "%d.%d.%d" % sys.version_info[:3]
        why = "%s: %s" % (type(error).__name__, error)
        raise SystemExit(
            "%s cannot run on Python %s: %s" % (core, python, why)
        ) from error


def said_by_ansible(call, basic):
    """The `_ansible_*` arguments: those that this ansible-core knows, because
    some fail on others. What is left out has its default."""
    import ansible

    said = {
        "check_mode": call.check,
        "inject_invocation": True,
        "module_name": call.module.name,
        "remote_tmp": scratch.open_shared(call.gate, os.getppid()),
        "version": getattr(ansible, "__version__", "0.0"),
    }
    said.update(call.settings)
    known = basic.PASS_VARS
    return {"_ansible_" + name: said[name] for name in said if name in known}


def run_with_file(call):
    """json, script and old modules: the arguments are in a file, whose path is
    the module's own argument."""
    module = call.module
    if module.kind == "old":
        text = " ".join("%s=%s" % (k, quoted(v)) for k, v in call.args.items())
    else:
        text = frames.dumps(call.args)
    args = scratch.write(call, module.base + ".args", text.encode("utf-8", "replace"))
    words = shebang.interpreter(module.source.decode("utf-8", "replace"))
    if words is None or shebang.is_python(words):
        return run_python(call, [module.path, args])
    path = module.path
    if not module.is_on_disk:
        path = scratch.write(call, module.base, module.source)
    try:
        return become(words + [path, args])
    except OSError as error:
        raise SystemExit(
            "Cannot run %s: %s" % ((words + [path])[0], error.strerror)
        ) from error


def quoted(value):
    """A value as Ansible writes it for old modules: shell words."""
    import shlex

    return shlex.quote(value if isinstance(value, str) else frames.dumps(value))


def run_binary(call):
    module = call.module
    args = scratch.write(call, module.base + ".args", frames.dumps(call.args).encode())
    for write in (scratch.write, lambda call, *file: scratch.in_memory(*file)):
        try:
            become([write(call, module.base, module.source), args])
        except PermissionError:
            pass  # mounted noexec, and so was every other folder of ours
        except OSError as error:
            raise SystemExit(
                "Cannot run %s: %s" % (module.base, error.strerror)
            ) from error
    places = call.folder or "none can be written to"
    raise SystemExit("A binary module needs a folder that may execute: " + places)


def become(words):
    """Replaces the process by a program."""
    import _signal

    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them
        _signal.signal(getattr(_signal, name), _signal.SIG_DFL)
    os.execvp(words[0], words)


def start_fresh(call):
    """Goes on in a new interpreter, which nothing was imported into."""
    module = call.module
    if not module.is_on_disk or call.gate is None:
        raise SystemExit("A fresh interpreter needs the gate on disk")
    job = [call.gate, module.root.path, module.name, call.args, call.settings]
    job += [call.check, call.folder]
    child.give_stdin(frames.dumps(job).encode())
    os.execv(sys.executable, [sys.executable, "-c", RESUME, call.gate])


def resume():
    """The other half of `start_fresh`, in the new interpreter."""
    from .calls import Call
    from .modules import Library
    from .roots import Root

    with open(0, "rb", closefd=False) as file:
        gate, path, name, args, settings, check, place = frames.loads(file.read())
    child.give_stdin(b"")
    try:
        here = os.getcwd()
    except OSError:  # it was removed, or is closed to us
        here = ""
    sys.path[:] = [p for p in sys.path if p not in ("", here)]
    library = Library(Root(gate))
    library.packs[path] = Root(path)
    call = Call(None, library.find(name, path), args)
    call.settings, call.check, call.folder, call.gate = settings, check, place, gate
    library.prepare(call)
    run(call)
