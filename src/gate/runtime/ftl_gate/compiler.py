# Makes code of sources, and writes it down for the next process. Part of the
# bootstrap, apart from code_cache.py because a host that has it all needs none of it.
import marshal
import os
import sys
import zlib
from _imp import _fix_co_filename

from . import code_cache


class Compiled(BaseException):
    """Stops code that was only to be compiled."""


def code_of(source, path):
    """What compile() gives, which would first make a class for each node of a
    syntax tree: two milliseconds, where starting Python takes ten."""
    found, here = [], sys._getframe()

    def stop(frame, event, arg):
        # Python's own code runs before it, to decode the source and to warn of it.
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
        pass  # it tells the same below, with its path
    finally:
        sys.settrace(trace)
    return compile(source, path, "exec", 0, True)


def keep_all():
    while code_cache.unkept:
        keep(code_cache.unkept.pop())


def keep(known):
    """Writes down what is new, for the next process. Many may do so at once:
    what one has compiled and another has not is compiled again."""
    folder = known.folder
    known.known[code_cache.TAG] = marshal.dumps(known.made)
    data = marshal.dumps((known.sources, known.known))
    new = "%s/.%d.%s" % (os.path.dirname(folder), os.getpid(), os.urandom(4).hex())
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(b"%08x" % zlib.crc32(data) + data)
            os.rename(new, folder + code_cache.FILE)
        except OSError:
            os.unlink(new)
    except OSError:
        pass  # full or read-only: the next one compiles again


def split(entries):
    """The runtime among the entries of a gate, and what else there is."""
    sources, others = {}, {}
    for name, body in entries.items():
        if name.startswith("ftl_gate/"):
            sources[name[9:-3]] = body
        elif name != "__main__.py":
            others[name] = body
    return code_cache.Codes(sources, {}), others
