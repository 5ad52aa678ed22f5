# What `python3 GATE` does: serve the protocol on stdin and stdout, unpacked
# below the user's folder so that compiled files persist. `--info` says what
# the gate is and holds, and serves nothing.
import os
import sys


def main():
    archive = sys.path[0]
    try:
        here = os.getcwd()
    except OSError:  # it was removed, or is closed to us
        here = ""
    sys.path[:] = [archive] + [p for p in sys.path[1:] if p not in ("", here)]
    if sys.version_info < (3, 6):  # noqa: UP036
        sys.exit(
            "A gate needs Python 3.6 or later: this is %s" % sys.version.split()[0]
        )
    from ftl_gate import code_cache, compiler, folder, unpack

    with open(archive, "rb") as file:
        data = file.read()
    ident = unpack.sha256(data)
    try:
        entries = unpack.read_zip(data)
    except (ValueError, unpack.zlib.error) as error:
        sys.exit("Cannot use the gate %s: it is damaged: %s" % (archive, error))
    if "--info" in sys.argv[1:]:
        return info(ident, len(data), entries)
    path = folder.find("gates", ident)
    known = path and code_cache.read(path)
    if not known:
        known, entries = compiler.split(entries)
        known.folder = path = path or unpack.keep("gates", ident, entries)
    sys.meta_path.insert(0, known)
    from ftl_gate import gate, trees

    sys.path.remove(archive)
    return gate.serve(ident, trees.Root(path, entries, known), b"")


def info(ident, size, entries):
    import json

    manifest = json.loads(entries["manifest.json"].decode())
    about = {"gate": ident, "bytes": size, "ftl": manifest["ftl"]}
    about["modules"] = {
        name: entry["kind"] for name, entry in sorted(manifest["modules"].items())
    }
    about["entries"] = sorted(manifest["entries"])
    print(json.dumps(about, indent=2))


main()
