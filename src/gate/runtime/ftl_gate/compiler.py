# Compiles sources, and writes the file of a code cache. Part of the bootstrap,
# apart from code_cache.py because a host with a complete cache needs none of it.
import os
import sys
import zlib
from _imp import _fix_co_filename


class Compiled(BaseException):
    """Stops code that was only to be compiled."""


def compile_source(source, path):
    """What compile() returns, which would first create a class for each node of a
    syntax tree: two milliseconds, where starting Python takes ten."""
    found, here = [], sys._getframe()

    def stop(frame, event, arg):
        # Python's own code runs first, to decode the source and to issue warnings.
        if frame.f_back is here and frame.f_code.co_name == "<module>":
            found.append(frame.f_code)
            raise Compiled

    trace = sys.gettrace()
    sys.settrace(stop)
    try:
        exec(source, {})
    except Compiled:
        _fix_co_filename(found[0], path)
        return found[0]
    except Exception:
        pass  # compile() raises the same below, with the path
    finally:
        sys.settrace(trace)
    return compile(source, path, "exec", 0, True)


def write_cache(path, data):
    """Replaces a cache file, beside its folder first so that none is left half."""
    parent = os.path.dirname(os.path.dirname(path))
    new = "%s/.%d.%s" % (parent, os.getpid(), os.urandom(4).hex())
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(b"%08x" % zlib.crc32(data))
                file.write(data)
            os.rename(new, path)
        except OSError:
            os.unlink(new)
    except OSError:
        pass  # full or read-only: the next process compiles again
