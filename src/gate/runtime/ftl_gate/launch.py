# Turns the child that was forked for a call into its module. Each kind has a file
# of its own, because compiling all of them would cost a host that is new to us.
import os

from . import site_path


def runner(kind):
    """The file that runs modules of a kind. The gate imports it before the fork."""
    if kind == "native":
        from . import native as found
    elif kind == "new":
        from . import new_style as found
    elif kind == "binary":
        from . import program as found
    else:
        from . import argument_file as found
    return found


def start(call):
    """Runs the module in this process, or replaces the process by the module."""
    if call.job:
        return call.job.start(call)  # which runs this again, in the job's process
    for name, value in call.env.items():
        os.environb[name.encode()] = value.encode()
    if "TZ" in call.env:
        import time

        time.tzset()
    if call.fresh:
        from . import fresh

        return fresh.start(call)
    return run(call)


def run(call):
    module = call.module
    if module.is_on_disk and module.tree.path != call.gate:
        site_path.add(module.tree)
    if module.kind != "native":
        os.close(3)
    runner(module.kind).run(call)
