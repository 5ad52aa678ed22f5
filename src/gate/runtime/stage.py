# The first line that a host's Python reads, as the argument of one `exec`: reads
# the bootstrap, whose length is an argument, and runs it. It must parse on every
# Python since 2.6, so that a host with an old one can report its version.
# ruff: noqa: UP036, E402
import os
import sys

if sys.version_info < (3, 6):
    about = (sys.argv[1],) + sys.version_info[:3] + (sys.executable,)
    os.write(1, ("ftl-%s-old %d.%d.%d %s\n" % about).encode())
    os._exit(0)
try:
    here = os.getcwd()
except OSError:  # it was removed, or we may not read it
    here = ""
sys.path[:] = [p for p in sys.path if p not in ("", here)]
import zlib

size = int(sys.argv[2])
data = b""
while len(data) < size:
    chunk = os.read(0, size - len(data))
    if not chunk:
        os._exit(0)
    data += chunk
sources = zlib.decompress(data).split(b"\0")
exec(sources[0])
