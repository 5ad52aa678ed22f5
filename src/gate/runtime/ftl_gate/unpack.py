# Stores gates and packs where folder.py finds them. Part of the bootstrap, apart
# from folder.py because compiling it costs a host a millisecond, and a host that
# has the gate needs none of it.
import os
import zlib

from . import folder


def sha256(data):
    """The SHA-256 of bytes, in hexadecimal, without loading OpenSSL."""
    try:
        from _sha2 import sha256 as new
    except ImportError:
        try:
            from _sha256 import sha256 as new
        except ImportError:
            from hashlib import sha256 as new
    return new(data).hexdigest()


def deflate(data):
    """Bytes as most entries of a zip hold them."""
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


def read_zip(data, deflated=()):
    """The entries of a zip in memory, name to bytes; ValueError or zlib.error
    for other data. Reads what ftl writes: stored and deflated entries, no
    encryption, no zip64. Those whose name starts with `deflated` stay so, and are
    not checked."""

    def number(at, size):
        return int.from_bytes(data[at : at + size], "little")

    entries = {}
    end = data.rindex(b"PK\5\6")
    at = end - number(end + 12, 4)
    shift = at - number(end + 16, 4)  # what precedes the zip: the `#!` line
    for _ in range(number(end + 10, 2)):
        name = data[at + 46 : at + 46 + number(at + 28, 2)].decode()
        local = shift + number(at + 42, 4)
        start = local + 30 + number(local + 26, 2) + number(local + 28, 2)
        body = data[start : start + number(at + 20, 4)]
        is_deflated = number(at + 10, 2)
        if name.startswith(deflated):
            body = body if is_deflated else deflate(body)
        else:
            body = zlib.decompress(body, -15) if is_deflated else body
            if zlib.crc32(body) != number(at + 16, 4):
                raise ValueError("%s is not what was packed" % name)
        entries[name] = body
        at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)
    return entries


def split_runtime(archive):
    """Two parts of a gate: the deflated sources of the runtime by module name, and
    the other entries."""
    sources, others = {}, {}
    for name, body in read_zip(archive, "ftl_gate/").items():
        if name.startswith("ftl_gate/"):
            sources[name[9:-3]] = body
        elif name != "__main__.py":
            others[name] = body
    return sources, others


def store(kind, key, entries):
    """Unpacks entries into the first folder that takes them, and returns the
    path, held; None when no folder does. Several processes may do so at once: the
    first to rename wins, and all write the same."""
    umask = os.umask(0o077)
    try:
        for parent in folder.candidates():
            if folder.is_ours(parent):
                try:
                    path = unpack("%s/host/%s" % (parent, kind), key, entries)
                except OSError:
                    continue  # full, read-only, over quota: try the next
                if folder.hold(path):
                    return path
        return None
    finally:
        os.umask(umask)


def unpack(parent, key, entries):
    os.makedirs(parent, 0o700, exist_ok=True)
    if os.listdir(parent):
        from . import prune

        prune.prune(parent)
    path = parent + "/" + key
    new = "%s/.%s.%d.%s" % (parent, key[:8], os.getpid(), os.urandom(4).hex())
    files = dict(entries)
    manifest = files.pop("manifest.json", b"{}")
    index = [b"%d %d" % (len(files), len(manifest))]
    index += [b"%d %s" % (len(body), name.encode()) for name, body in files.items()]
    try:
        os.mkdir(new)
        for each in sorted({new + "/" + folder.local(n) for n in map(above, files)}):
            os.makedirs(each, exist_ok=True)
        for name, body in files.items():
            write(new + "/" + folder.local(name), body)
        write(new + folder.INDEX, b"\0".join(index + [manifest]))
        try:
            os.rename(new, path)
        except OSError:  # there is one already, intact or damaged
            from . import prune

            prune.replace(path, new)
    finally:
        if os.path.isdir(new):
            folder.remove(new)
    return path


def above(name):
    """The folder of an entry."""
    return name.rpartition("/")[0]


def write(path, body):
    with open(path, "wb") as file:
        file.write(body)
