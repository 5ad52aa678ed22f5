# Modules that are executable programs.
import os

from . import ansible_arguments, memory_file, scratch


def run(call):
    module = call.module
    text = ansible_arguments.json_text(ansible_arguments.complete(call))
    args = scratch.write(call, module.base + ".args", text.encode())
    for write in (scratch.write, in_memory):
        try:
            become([write(call, module.base, module.source, 0o700), args])
        except PermissionError:
            pass  # mounted noexec, as was every other folder of ftl
        except OSError as error:
            raise SystemExit(
                "Cannot run %s: %s" % (module.base, error.strerror)
            ) from error
    reason = call.folder or "no folder can be written"
    raise SystemExit("A binary module needs a folder that allows execution: " + reason)


def in_memory(call, name, data, mode):
    return memory_file.make(name, data, memory_file.EXECUTABLE)


def become(words):
    """Replaces the process by a program."""
    import _signal

    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them
        _signal.signal(getattr(_signal, name), _signal.SIG_DFL)
    os.execvp(words[0], words)
