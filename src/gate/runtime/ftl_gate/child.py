# The process of one call, from the fork to its end. Nothing here returns to the
# gate's loop: a child ends as an interpreter of its own would, or becomes another
# program.
import _signal
import os
import sys

from . import code_cache

SIGNALS = (_signal.SIGCHLD, _signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM)
OURS = ("ftl_gate", "importlib", "_frozen_importlib_external", "asyncio")
NATIVE = "ftl_module"  # the name that a native module is imported under


def run(main, pipes, mask):
    """Runs `main` as the call. `pipes`: descriptors for stdout, stderr and control;
    `mask`: the signals that were blocked before the fork."""
    code_cache.may_save = False
    os.setsid()
    _signal.set_wakeup_fd(-1)
    for number in SIGNALS:
        _signal.signal(number, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
    for target, fd in enumerate(pipes, 1):
        os.dup2(fd, target)
    give_no_stdin()
    close_from(4)
    end(main)


def close_from(first):
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        os.closerange(first, min(os.sysconf("SC_OPEN_MAX"), 1 << 16))
        return
    for fd in map(int, names):
        if fd >= first:
            try:
                os.close(fd)
            except OSError:
                pass  # the descriptor of the listing itself


def give_no_stdin():
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def run_python(module, argv, main=None, **names):
    """Runs a module as the main program."""
    import builtins

    main = main or type(sys)("__main__")
    main.__dict__.update(names, __file__=module.path, __builtins__=builtins)
    sys.modules["__main__"] = main
    sys.argv = argv
    exec(module.code, main.__dict__)


def end(main):
    """Runs `main`, and ends the process as Python itself would."""
    rc = 1
    try:
        refresh()
        main()
        rc = 0
    except SystemExit as error:
        rc = exit_status(error.code)
    except BaseException as error:
        error.__traceback__ = without_ours(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        for finish in (join_threads, run_atexit, close_files):
            try:
                finish()
            except BaseException:
                pass  # Python prints some of these, and continues too
        os._exit(rc if flush() else 120)


def exit_status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255
    sys.stderr.write("%s\n" % (code,))
    return 1


def without_ours(trace):
    """A traceback without the frames that led to the module: they tell its author
    nothing."""

    def name(frame):
        return str(frame.f_globals.get("__name__")).partition(".")[0]

    while trace and name(trace.tb_frame) in OURS:
        trace = trace.tb_next
    return trace


def refresh():
    """Undoes what a fork shares and two processes must not. The objects that the
    gate made are kept from this process's garbage collector."""
    import gc

    if hasattr(gc, "freeze"):
        gc.freeze()
    if "random" in sys.modules:
        sys.modules["random"].seed()
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None


def join_threads():
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()


def run_atexit():
    import atexit

    atexit._run_exitfuncs()


def close_files():
    """Flushes what the module did not write, and drops the module, which closes
    what it left open. Files first: in a cycle the collector may close the buffer
    below a text file before the text is written."""
    import gc
    import io

    for each in gc.get_objects():
        if issubclass(type(each), (io.TextIOWrapper, io.BufferedWriter)):
            try:
                each.flush()
            except Exception:
                pass  # it is closed, or only for reading
    sys.modules.pop("__main__", None)
    sys.modules.pop(NATIVE, None)
    gc.collect()


def flush():
    """Whether what was printed could be written."""
    done = True
    for file in (getattr(sys, "stdout", None), getattr(sys, "stderr", None)):
        try:
            if file is not None and not file.closed:
                file.flush()
        except Exception:
            done = False
    return done
