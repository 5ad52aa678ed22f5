# Ansible's new-style modules.
import os
import sys

from . import ansible_arguments, child, frames, memory_file, scratch


class Main(type(sys)):
    """The module that runs. `_modlib_path`, the path from which a respawned
    module imports itself and its utils, is only made when it is read."""

    __slots__ = ("_call",)

    def __init__(self, call):
        super().__init__("__main__")
        self._call = call

    @property
    def _modlib_path(self):
        from . import respawn

        return respawn.make_path(self._call)


def run(call):
    """Runs it as Ansible does, with the arguments in basic: what the module starts
    inherits stdin, and must not read them there. Without ansible-core, stdin has
    them."""
    module, args = call.module, call.args
    basic = load_basic() if call.has_basic else None
    if call.settings is not None and basic:
        args = dict(args, **internal_arguments(call, basic))
    data = frames.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    if basic:
        basic._ANSIBLE_ARGS = data
        basic._ANSIBLE_PROFILE = "legacy"
    else:
        memory_file.give_stdin(data)
    package = module.full_name.rpartition(".")[0]
    if package:
        __import__(package)  # for relative imports
    names = {"__package__": package or None, "_module_fqn": module.full_name}
    child.run_python(module, [module.path], Main(call), **names)


def load_basic():
    """What every new-style module imports; exits if this Python cannot."""
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


def internal_arguments(call, basic):
    """The `_ansible_*` arguments that this ansible-core knows: some versions fail on
    others. What is left out has its default."""
    shared = open_shared(call.gate, call.gate_pid)
    values = ansible_arguments.make(call, inject_invocation=True, remote_tmp=shared)
    known = basic.PASS_VARS
    return {"_ansible_" + name: values[name] for name in values if name in known}


def open_shared(gate, pid):
    """The folder for temporary files of modules; None if it cannot be written."""
    path = scratch.shared(gate, pid)
    try:
        if path:
            os.makedirs(path, 0o700, exist_ok=True)
        return path
    except OSError:
        return None
