# Ansible's new-style modules.
import os
import sys

from . import frames, launch, memory_file, scratch


class Main(type(sys)):
    """The module that runs. Where a respawned one would import itself and its
    utils from (`_modlib_path`) is only made when it is asked for."""

    __slots__ = ("_call",)

    def __init__(self, call):
        super().__init__("__main__")
        self._call = call

    @property
    def _modlib_path(self):
        from . import respawn

        return respawn.place(self._call)


def run(call):
    """As Ansible starts it: basic has the arguments, and so has stdin."""
    module, args = call.module, call.args
    basic = load_basic() if call.has_basic else None
    if call.settings is not None and basic:
        args = dict(args, **said_by_ansible(call, basic))
    data = frames.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    memory_file.give_stdin(data)
    if basic:
        basic._ANSIBLE_ARGS = data
        basic._ANSIBLE_PROFILE = "legacy"
    package = module.full_name.rpartition(".")[0]
    if package:
        __import__(package)  # relative imports start there
    names = {"__package__": package or None, "_module_fqn": module.full_name}
    launch.run_python(call, [module.path], Main(call), **names)


def load_basic():
    """What every new-style module is made of; or why this Python cannot run it."""
    import ansible

    try:
        from ansible.module_utils import basic

        return basic
    except Exception as error:
        core = "ansible-core %s" % getattr(ansible, "__version__", "")
        python = "%d.%d.%d" % sys.version_info[:3]
        why = "%s: %s" % (type(error).__name__, error)
        raise SystemExit(
            "%s cannot run on Python %s: %s" % (core, python, why)
        ) from error


def said_by_ansible(call, basic):
    """The `_ansible_*` arguments: those that this ansible-core knows, because
    some fail on others. What is left out has its default."""
    import ansible

    said = {
        "check_mode": call.check,
        "inject_invocation": True,
        "module_name": call.module.name,
        "remote_tmp": open_shared(call.gate, os.getppid()),
        "version": getattr(ansible, "__version__", "0.0"),
    }
    said.update(call.settings)
    known = basic.PASS_VARS
    return {"_ansible_" + name: said[name] for name in said if name in known}


def open_shared(root, pid):
    """The folder for what modules put aside; None: nothing can be written."""
    path = scratch.shared(root, pid)
    try:
        if path:
            os.makedirs(path, 0o700, exist_ok=True)
        return path
    except OSError:
        return None
