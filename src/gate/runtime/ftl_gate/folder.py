# Where gates and packs live on a host. Everything below a folder of ours was
# written by us: the folder belongs to the effective user, nobody else can write
# to it, and it is opened without following links. Part of the bootstrap too.
import os
import zlib

KEEP_DAYS = 30
KEEP = {"gates": 10, "packs": 200}


def sha256(data):
    """The SHA-256 of bytes, in hexadecimal; OpenSSL is not loaded for it."""
    try:
        from _sha2 import sha256 as new
    except ImportError:
        try:
            from _sha256 import sha256 as new
        except ImportError:
            from hashlib import sha256 as new
    return new(data).hexdigest()


def read_zip(data):
    """The entries of a zip in memory, name to bytes. Knows what ftl writes:
    stored and deflated entries, no encryption, no zip64."""

    def number(at, size):
        return int.from_bytes(data[at : at + size], "little")

    entries = {}
    end = data.rindex(b"PK\5\6")
    at = end - number(end + 12, 4)
    shift = at - number(end + 16, 4)  # what stands before the zip: the `#!` line
    for _ in range(number(end + 10, 2)):
        name = data[at + 46 : at + 46 + number(at + 28, 2)].decode()
        local = shift + number(at + 42, 4)
        start = local + 30 + number(local + 26, 2) + number(local + 28, 2)
        body = data[start : start + number(at + 20, 4)]
        if number(at + 10, 2):
            body = zlib.decompress(body, -15)
        entries[name] = body
        at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)
    return entries


def candidates():
    """The folders to try, best first."""
    home = os.environ.get("HOME", "")
    cache = os.environ.get("XDG_CACHE_HOME", "")
    uid = os.geteuid()
    try:
        if home and os.stat(home).st_uid == uid:
            yield home + "/.ftl"
    except OSError:
        pass  # no HOME: the next ones may do
    if cache.startswith("/"):
        yield cache + "/ftl"
    yield "/var/tmp/ftl-%d" % uid
    yield "/tmp/ftl-%d" % uid


def is_ours(path):
    """Whether a folder exists, or can be made, that only we can write to."""
    try:
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            found = os.fstat(fd)
            if found.st_uid != os.geteuid() or found.st_mode & 0o022:
                return False
            if found.st_mode & 0o077:
                os.fchmod(fd, 0o700)
            return True
        finally:
            os.close(fd)
    except OSError:
        return False


def find(kind, key):
    """The path of the unpacked gate or pack `key`, or None."""
    for folder in candidates():
        path = "%s/host/%s/%s" % (folder, kind, key)
        if os.path.isdir(path) and is_ours(folder):
            return path
    return None


def keep(kind, key, entries):
    """Unpacks entries below the first folder that takes them, and returns the
    path; None when no folder does. Another process doing the same is no harm:
    the first to rename wins, and what it wrote is the same."""
    umask = os.umask(0o077)
    try:
        for folder in candidates():
            if is_ours(folder):
                try:
                    return unpack("%s/host/%s" % (folder, kind), key, entries)
                except OSError:
                    continue  # full, read-only, over quota: the next may do
        return None
    finally:
        os.umask(umask)


def unpack(parent, key, entries):
    os.makedirs(parent, 0o700, exist_ok=True)
    sweep(parent)
    path = parent + "/" + key
    new = "%s/.%s.%d.%s" % (parent, key[:8], os.getpid(), os.urandom(4).hex())
    try:
        for name, body in entries.items():
            os.makedirs(os.path.dirname(new + "/" + name), 0o700, exist_ok=True)
            with open(new + "/" + name, "wb") as file:
                file.write(body)
        try:
            os.rename(new, path)
        except OSError:
            if not os.path.isdir(path):
                raise
            remove(new)  # somebody else was faster
    except OSError:
        remove(new)
        raise
    return path


def sweep(parent):
    """Removes what was not used for long, or is one too many, unless a gate
    holds it (see `hold`), and what a killed unpacking left behind."""
    import time

    def age(path):
        try:
            return time.time() - os.stat(path).st_mtime
        except OSError:
            return 0  # gone in between

    paths = sorted((age(entry.path), entry.path) for entry in os.scandir(parent))
    limit = KEEP[os.path.basename(parent)]
    for count, (seconds, path) in enumerate(paths, 1):
        stale = os.path.basename(path).startswith(".") and seconds > 3600
        if stale or seconds > KEEP_DAYS * 86400 or count > limit:
            lock = hold(path, exclusive=True)
            if lock is not None:
                remove(path)
                os.close(lock)


def hold(path, exclusive=False):
    """Keeps others from sweeping a gate or pack away for as long as the
    descriptor that is returned stays open; None when it cannot be had."""
    from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        flock(fd, (LOCK_EX if exclusive else LOCK_SH) | LOCK_NB)
        if not exclusive:
            os.utime(path)
        return fd
    except OSError:
        os.close(fd)
        return None


def remove(path):
    from shutil import rmtree

    rmtree(path, ignore_errors=True)
