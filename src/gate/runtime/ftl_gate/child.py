# One call, in the child that was forked for it. Nothing here returns to the
# gate's loop: a child ends as an interpreter of its own would, or becomes
# another program.
import os
import sys

from . import frames, kinds

RESUME = (
    "import sys;sys.path[0]=sys.argv[1];from ftl_gate import child;"
    "del sys.path[0];child.resume()"
)


def run(call, stdout, stderr, control):
    """Becomes the call. `stdout`, `stderr` and `control` are descriptors."""
    os.setsid()
    default_signals()
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.dup2(control, 3)
    give_stdin(b"")
    close_from(4)
    os.environ.update(call.env)
    end(lambda: start_fresh(call) if call.fresh else start(call))


def start(call):
    """Runs the module in this process, or becomes the program that it is."""
    kind = call.module.kind
    if kind != "native":
        os.close(3)
    if kind == "native":
        run_native(call)
    elif kind == "new":
        run_new(call)
    elif kind == "binary":
        run_binary(call)
    else:
        run_with_file(call)


def default_signals():
    """What a fresh interpreter has: everything default, but SIGINT raises
    KeyboardInterrupt and SIGPIPE is ignored (and an exec undoes that)."""
    import _signal

    _signal.set_wakeup_fd(-1)
    for number in (_signal.SIGCHLD, _signal.SIGTERM, _signal.SIGHUP):
        _signal.signal(number, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def close_from(first):
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))
        return
    for fd in map(int, names):
        if fd >= first:
            try:
                os.close(fd)
            except OSError:
                pass  # the one that listed them


def give_stdin(data):
    """Makes descriptor 0 hold just these bytes."""
    if not data:
        fd = os.open(os.devnull, os.O_RDONLY)
    elif len(data) <= 4096:  # fits a pipe of any size
        fd, end_in = os.pipe()
        os.write(end_in, data)
        os.close(end_in)
    else:
        from tempfile import TemporaryFile

        with TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            fd = os.dup(file.fileno())
    os.dup2(fd, 0)
    os.close(fd)


def end(main):
    """Runs `main` and ends the process as Python itself would."""
    refresh()
    rc = 1
    try:
        main()
        rc = 0
    except SystemExit as error:
        rc = status(error.code)
    except BaseException:
        kind, error, trace = sys.exc_info()
        while trace and trace.tb_frame.f_code.co_filename == HERE:
            trace = trace.tb_next  # our own frames explain nothing
        sys.excepthook(kind, error.with_traceback(trace), trace)
    finally:
        for finish in (threads, atexit, sys.stdout.flush, sys.stderr.flush):
            try:
                finish()
            except BaseException:
                rc = rc or 120  # as CPython: output could not be written
        os._exit(rc)


def status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255
    sys.stderr.write("%s\n" % (code,))
    return 1


def refresh():
    """Undoes what a fork shares and two processes must not."""
    if "random" in sys.modules:
        sys.modules["random"].seed()
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None


def threads():
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()


def atexit():
    import atexit

    atexit._run_exitfuncs()


def run_python(module, argv, **members):
    """Runs a module as the main program, which has these members."""
    main = type(sys)("__main__")
    main.__file__ = module.path
    main.__builtins__ = __builtins__
    main.__dict__.update(members)
    sys.modules["__main__"] = main
    sys.argv = argv
    exec(module.code, main.__dict__)


def run_new(call):
    """Runs a module of Ansible's as ansible-core's own wrapper would."""
    args = call.args
    if call.check:
        args = dict(args, _ansible_check_mode=True)
    data = frames.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    give_stdin(data)
    from ansible.module_utils import basic

    basic._ANSIBLE_ARGS = data
    basic._ANSIBLE_PROFILE = "legacy"  # 2.19 and later
    module = call.module
    name = module.file.rpartition(".")[0].replace("/", ".")
    folder = call.folder
    run_python(
        module,
        [module.path],
        __package__=name.rpartition(".")[0],
        _module_fqn=name,
        _modlib_path=merge(call.roots, folder) if folder else module.root.path,
    )


def merge(roots, folder):
    """One folder with the packages of all roots, for an interpreter that knows
    nothing of ours: modules that respawn under another one need it."""
    for root in roots:
        for name in root.files():
            path = folder + "/" + name
            if name.startswith("ansible") and not os.path.exists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(root.read(name))
    for place, _, _ in os.walk(folder):
        if place != folder:
            open(place + "/__init__.py", "ab").close()
    return folder


def run_native(call):
    """Calls `main` with the arguments; what it returns, reports or raises goes
    to the gate as lines of JSON."""
    try:
        name = call.module.name
        module = sys.modules[name] = type(sys)(name)
        module.__file__ = call.module.path
        sys.argv = [call.module.path]
        exec(call.module.code, module.__dict__)
        args = dict(call.args)
        wanted = parameters(module.main)
        if call.check:
            if "check_mode" not in wanted:
                return tell("skipped", "It has no parameter check_mode")
            args["check_mode"] = True
        if "progress" in wanted and "progress" not in args:
            args["progress"] = lambda data: tell("progress", data)
        value = module.main(**args)
        if hasattr(value, "__await__"):
            import asyncio

            if hasattr(asyncio, "run"):
                value = asyncio.run(value)
            else:
                value = asyncio.get_event_loop().run_until_complete(value)
        tell("value", value)
    except Exception as error:
        known = getattr(error, "result", None)
        if isinstance(known, dict):  # it failed with data of its own
            tell("value", dict({"msg": str(error)}, **dict(known, failed=True)))
        else:
            import traceback

            tell(
                "exception",
                {
                    "type": type(error).__name__,
                    "message": str(error),
                    "traceback": traceback.format_exc(),
                },
            )
        raise SystemExit(1) from None


def parameters(function):
    """The names that a function takes as keywords."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def tell(kind, value):
    line = (frames.dumps({kind: value}) + "\n").encode()
    while line:
        line = line[os.write(3, line) :]


def run_with_file(call):
    """json, script and old modules: the arguments are in a file, whose path is
    the module's own argument."""
    module = call.module
    if module.kind == "old":
        text = " ".join("%s=%s" % (k, quoted(v)) for k, v in call.args.items())
    else:
        text = frames.dumps(call.args)
    args = write(call, "args", text.encode("utf-8", "surrogateescape"))
    words = kinds.interpreter(module.source)
    if not words or kinds.is_python(words):
        return run_python(module, [module.path, args])
    if module.path == module.file:
        path = write(call, os.path.basename(module.file), module.source)
    else:
        path = module.path
    return become(words + [path, args])


def quoted(value):
    """A value as Ansible writes it for old modules: shell words."""
    import shlex

    return shlex.quote(value if isinstance(value, str) else frames.dumps(value))


def run_binary(call):
    args = write(call, "args", frames.dumps(call.args).encode())
    name = os.path.basename(call.module.file)
    try:
        become([write(call, name, call.module.source), args])
    except PermissionError:
        pass  # mounted noexec, and so was every other folder of ours
    try:
        become([anonymous(name, call.module.source), args])
    except PermissionError:
        places = call.folder or "none can be written to"
        raise SystemExit("A binary module needs a folder that may execute: " + places)


def start_fresh(call):
    """Goes on in a new interpreter, which nothing was imported into."""
    root = call.module.root
    if root is None or root.path is None:
        raise SystemExit("A fresh interpreter needs the gate on disk")
    job = [call.gate, root.path, call.module.name, call.args, call.check, call.folder]
    give_stdin(frames.dumps(job).encode())
    argv = [sys.executable, "-c", RESUME, call.gate]
    os.execv(sys.executable, argv)


def resume():
    """The other half of `start_fresh`, in the new interpreter."""
    from .calls import Call
    from .modules import Library
    from .roots import Root

    with open(0, "rb", closefd=False) as file:
        gate, path, name, args, check, folder = frames.loads(file.read())
    give_stdin(b"")
    sys.path[:] = [p for p in sys.path if p not in ("", os.getcwd())]
    library = Library(Root(gate))
    library.finder.roots.insert(0, Root(path))
    library.packs[path] = Root(path)
    call = Call(None, library.find(name, path), args, check=check)
    call.folder = folder
    call.roots = list(library.finder.roots)
    library.warm(call.module)
    start(call)


def write(call, name, data):
    """A file that the call needs, and the path of it."""
    if call.folder is None:
        return anonymous(name, data)
    path = call.folder + "/" + name
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
    with open(fd, "wb") as file:
        file.write(data)
    return path


def anonymous(name, data):
    """A file in memory: a path that is good in this process."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
        with open(os.dup(fd), "wb") as file:
            file.write(data)
        return "/proc/self/fd/%d" % fd
    if len(data) > 4096:
        raise SystemExit("No folder on this host can be written to")
    fd, end_in = os.pipe()
    os.write(end_in, data)
    os.close(end_in)
    os.set_inheritable(fd, True)
    return "/dev/fd/%d" % fd


def become(words):
    """Replaces the process by a program."""
    import _signal

    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    os.execvp(words[0], words)


HERE = run.__code__.co_filename  # __file__ is missing when run from memory
