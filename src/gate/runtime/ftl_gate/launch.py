# How a call becomes its module, in the child that was forked for it. Each kind
# has a file of its own, because compiling them costs a host that is new to us.
import os
import sys

NATIVE = "ftl_module"  # what a native module is called inside
RUNNERS = {"native": "native", "new": "new_style", "binary": "program"}


def runner(kind):
    """What runs modules of a kind. The gate imports it ahead of the fork."""
    name = "ftl_gate." + RUNNERS.get(kind, "argument_file")
    __import__(name)
    return sys.modules[name]


def start(call):
    """Runs the module in this process, or becomes the program that it is."""
    for name, value in call.env.items():
        os.environb[name.encode()] = value.encode()
    if "TZ" in call.env:
        import time

        time.tzset()
    if call.fresh:
        from . import fresh

        fresh.start(call)
    else:
        run(call)


def run(call):
    module = call.module
    if module.is_on_disk and module.root.path != call.gate:
        from . import modules

        modules.add_site(module.root)
    if module.kind != "native":
        os.close(3)
    runner(module.kind).run(call)


def run_python(call, argv, main=None, **names):
    """Runs a module as the main program."""
    import builtins

    main = main or type(sys)("__main__")
    main.__dict__.update(names, __file__=call.module.path, __builtins__=builtins)
    sys.modules["__main__"] = main
    sys.argv = argv
    exec(call.module.code, main.__dict__)
