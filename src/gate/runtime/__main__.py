# What `python3 GATE` does: serve the protocol on stdin and stdout, unpacked
# below the user's folder so that compiled files persist. `--info` says what
# the gate is and holds, and serves nothing.
import os
import sys


def main():
    archive = sys.path[0]
    here = os.getcwd()
    sys.path[:] = [archive] + [p for p in sys.path[1:] if p not in ("", here)]
    if sys.version_info < (3, 6):  # noqa: UP036
        sys.exit(
            "A gate needs Python 3.6 or later: this is %s" % sys.version.split()[0]
        )
    from ftl_gate import folder

    with open(archive, "rb") as file:
        data = file.read()
    ident = folder.sha256(data)
    if "--info" in sys.argv[1:]:
        return info(ident, data)
    entries = folder.read_zip(data)
    path = folder.find("gates", ident) or folder.keep("gates", ident, entries)
    if path is not None:
        import ftl_gate

        sys.dont_write_bytecode = False
        ftl_gate.__path__ = [path + "/ftl_gate"]
    from ftl_gate.gate import serve

    sys.path.remove(archive)
    return serve(ident, path, entries, b"")


def info(ident, data):
    import json

    from ftl_gate import folder

    manifest = json.loads(folder.read_zip(data)["manifest.json"].decode())
    about = {"gate": ident, "bytes": len(data), "ftl": manifest["ftl"]}
    about["modules"] = {
        name: entry["kind"] for name, entry in sorted(manifest["modules"].items())
    }
    about["entries"] = sorted(manifest["entries"])
    print(json.dumps(about, indent=2))


main()
