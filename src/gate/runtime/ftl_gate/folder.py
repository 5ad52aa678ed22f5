# Where gates and packs live on a host. Everything below a folder of ours was
# written by us: the folder belongs to the effective user, nobody else can write
# to it or put another in its place, and it is opened without following links.
# Part of the bootstrap too.
import os
import zlib

KEEP_DAYS = 30
KEEP = {"gates": 10, "packs": 200}
SIZES = "/.sizes"  # in each gate and pack: how many files it has, and their sizes


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
    """The entries of a zip in memory, name to bytes; ValueError or zlib.error
    for what is none. Knows what ftl writes: stored and deflated entries, no
    encryption, no zip64."""

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
        if zlib.crc32(body) != number(at + 16, 4):
            raise ValueError("%s is not what was packed" % name)
        entries[name] = body
        at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)
    return entries


def candidates():
    """The folders to try, best first."""
    for name, below in (("HOME", "/.ftl"), ("XDG_CACHE_HOME", "/ftl")):
        above = os.environ.get(name, "")
        if above.startswith("/"):
            yield above + below
    yield "/var/tmp/ftl-%d" % os.geteuid()
    yield "/tmp/ftl-%d" % os.geteuid()


def is_ours(path):
    """Whether a folder exists, or can be made, that only we can write to, in
    one where nobody can swap it for another: our own, or one like /tmp."""
    uid = os.geteuid()
    try:
        above = os.stat(os.path.dirname(path))
        is_sticky = above.st_uid == 0 and above.st_mode & 0o1000
        if not is_sticky and (above.st_uid != uid or above.st_mode & 0o022):
            return False
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            found = os.fstat(fd)
            if found.st_uid != uid or found.st_mode & 0o022:
                return False
            if found.st_mode & 0o077:
                os.fchmod(fd, 0o700)
            return True
        finally:
            os.close(fd)
    except OSError:
        return False


def find(kind, key):
    """The path of the unpacked gate or pack `key`, held; or None."""
    for folder in candidates():
        path = "%s/host/%s/%s" % (folder, kind, key)
        if os.path.isdir(path) and is_ours(folder) and hold(path):
            return path
    return None


def hold(path):
    """Whether a gate or pack is all there. It is then ours to use: nobody
    sweeps it away while this process has a certain descriptor, which stays
    open on purpose."""
    from fcntl import LOCK_NB, LOCK_SH, flock

    try:
        fd = os.open(path + SIZES, os.O_RDONLY)
    except OSError:
        return False
    try:
        flock(fd, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return False  # it is being swept
    except OSError:
        pass  # a file system without locks
    try:
        with open(fd, "rb", closefd=False) as file:
            count, *lines = file.read().split(b"\0")
        whole = len(lines) == int(count) and all(
            os.stat(path + "/" + os.fsdecode(name)).st_size == int(size)
            for size, _, name in (line.partition(b" ") for line in lines)
        )
        if whole:
            os.utime(path)
    except (OSError, ValueError):
        whole = False
    if not whole:
        os.close(fd)
    return whole


def keep(kind, key, entries):
    """Unpacks entries below the first folder that takes them, and returns the
    path, held; None when no folder does. Another process doing the same is no
    harm: the first to rename wins, and what it wrote is the same."""
    umask = os.umask(0o077)
    try:
        for folder in candidates():
            if is_ours(folder):
                try:
                    path = unpack("%s/host/%s" % (folder, kind), key, entries)
                except OSError:
                    continue  # full, read-only, over quota: the next may do
                if hold(path):
                    return path
        return None
    finally:
        os.umask(umask)


def unpack(parent, key, entries):
    os.makedirs(parent, 0o700, exist_ok=True)
    sweep(parent)
    path = parent + "/" + key
    new = "%s/.%s.%d.%s" % (parent, key[:8], os.getpid(), os.urandom(4).hex())
    sizes = [b"%d" % len(entries)]
    sizes += [b"%d %s" % (len(body), name.encode()) for name, body in entries.items()]
    try:
        for name, body in entries.items():
            write(new + "/" + local(name), body)
        write(new + SIZES, b"\0".join(sizes))
        try:
            os.rename(new, path)
        except OSError:
            replace(path, new)  # it is there already, or what is there is damaged
    finally:
        remove(new)
        remove(new + ".old")
    return path


def replace(path, new):
    """Puts `new` in the place of what is damaged; one process at a time, so
    that none moves away what another one has just mended."""
    from fcntl import LOCK_EX, flock

    fd = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        try:
            flock(fd, LOCK_EX)
        except OSError:
            pass  # a file system without locks
        if not hold(path):
            os.rename(path, new + ".old")
            os.rename(new, path)
    finally:
        os.close(fd)


def local(name):
    """An entry's name for calls to the system, whatever the locale."""
    return os.fsdecode(name.encode())


def write(path, body):
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, "wb") as file:
        file.write(body)


def sweep(parent):
    """Makes room for one more: removes what was not used for long, or is one
    too many, unless a process holds it, and what a killed unpacking left."""
    import time
    from fcntl import LOCK_EX, LOCK_NB, flock

    def age(path):
        try:
            return time.time() - os.stat(path).st_mtime
        except OSError:
            return 0  # gone in between

    count = 0
    for seconds, path in sorted((age(e.path), e.path) for e in os.scandir(parent)):
        if os.path.basename(path).startswith("."):
            if seconds > 3600:
                remove(path)
            continue
        count += 1
        if seconds > KEEP_DAYS * 86400 or count >= KEEP[os.path.basename(parent)]:
            try:
                with open(path + SIZES, "r+b") as file:
                    flock(file, LOCK_EX | LOCK_NB)
                    remove(path)
            except FileNotFoundError:
                remove(path)  # damaged, or gone in between
            except OSError:
                pass  # in use


def remove(path):
    """Removes a folder with all that is in it, as far as that can be."""
    for parent, folders, files in os.walk(path, topdown=False):
        for name in folders + files:
            each = parent + "/" + name
            is_folder = os.path.isdir(each) and not os.path.islink(each)
            try:
                (os.rmdir if is_folder else os.unlink)(each)
            except OSError:
                pass  # it stays, and so do those above it
    try:
        os.rmdir(path)
    except OSError:
        pass
