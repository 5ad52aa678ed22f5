"""Reads paths of modules, one a line, and prints for each the names of the files
that this machine's ansible-core would send along with it."""

import datetime
import inspect
import io
import json
import os
import sys
import zipfile

from ansible.executor import module_common
from ansible.plugins import loader

if hasattr(loader, "init_plugin_loader"):
    loader.init_plugin_loader([])


def bundle(path):
    with open(path, "rb") as file:
        given = {"name": os.path.basename(path)[:-3], "module_data": file.read()}
    archive = zipfile.ZipFile(io.BytesIO(), "w")
    given["module_fqn"] = module_common._get_ansible_module_fqn(path)
    given["zf"] = archive
    wanted = inspect.signature(module_common.recursive_finder).parameters
    if "date_time" in wanted:
        given["date_time"] = datetime.datetime.now()
    if "extension_manager" in wanted:
        from ansible._internal._ansiballz import _builder

        given["extension_manager"] = _builder.ExtensionManager()
    module_common.recursive_finder(**given)
    return sorted(archive.namelist())


json.dump({path: bundle(path) for path in sys.stdin.read().splitlines()}, sys.stdout)
