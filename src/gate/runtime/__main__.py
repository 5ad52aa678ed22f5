# What `python3 GATE` runs: serves the protocol on stdin and stdout, unpacked into
# the user's folder so that compiled code persists. `--info` prints what the gate
# is and holds, and serves nothing.
import os
import sys


def main():
    archive = sys.path[0]
    try:
        here = os.getcwd()
    except OSError:  # it was removed, or we may not read it
        here = ""
    sys.path[:] = [archive] + [p for p in sys.path[1:] if p not in ("", here)]
    if sys.version_info < (3, 6):  # noqa: UP036
        sys.exit(
            "A gate needs Python 3.6 or later: this is %s" % sys.version.split()[0]
        )
    from ftl_gate import code_cache, folder, unpack

    with open(archive, "rb") as file:
        data = file.read()
    gate_id = unpack.sha256(data)
    try:
        entries = unpack.read_zip(data)
    except (ValueError, unpack.zlib.error) as error:
        sys.exit("Cannot use the gate %s: it is damaged: %s" % (archive, error))
    if "--info" in sys.argv[1:]:
        return info(gate_id, len(data), entries)
    path = folder.find("gates", gate_id)
    cache = path and code_cache.load(path)
    if not cache:
        sources, entries = unpack.split_runtime(data)
        cache = code_cache.CodeCache(sources, {})
        cache.folder = path = path or unpack.store("gates", gate_id, entries)
    sys.meta_path.insert(0, cache)
    from ftl_gate import gate, trees

    sys.path.remove(archive)
    return gate.serve(gate_id, trees.Tree(path, entries, cache), b"")


def info(gate_id, size, entries):
    import json

    manifest = json.loads(entries["manifest.json"].decode())
    about = {"gate": gate_id, "bytes": size, "ftl": manifest["ftl"]}
    about["modules"] = {
        name: entry["kind"] for name, entry in sorted(manifest["modules"].items())
    }
    about["entries"] = sorted(manifest["entries"])
    print(json.dumps(about, indent=2))


main()
