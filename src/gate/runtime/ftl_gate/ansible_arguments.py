# The `_ansible_*` arguments, with which Ansible's controller tells a module how to
# work. Every kind of module is given them, but native ones.
CONSTANT = {
    "debug": False,
    "diff": False,
    "keep_remote_files": False,
    "no_log": False,
    "selinux_special_fs": ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"],
    "shell_executable": "/bin/sh",
    "socket": None,
    "string_conversion_action": "warn",
    "syslog_facility": "LOG_USER",
    "verbosity": 0,
}


def complete(call):
    """The arguments of a call, and all that Ansible adds for modules that are not
    new-style. Clients of version 1 want none added."""
    if call.settings is None:
        return call.args
    added = make(call, tmpdir=call.folder, remote_tmp=call.folder)
    return dict(call.args, **{"_ansible_" + name: added[name] for name in added})


def make(call, **more):
    """The arguments that are added, without their prefix."""
    values = dict(CONSTANT, check_mode=call.check, module_name=call.module.name, **more)
    if call.has_basic:
        import ansible

        values["version"] = getattr(ansible, "__version__", "0.0")
    values.update(call.settings)
    return values


def json_text(args):
    """The arguments with Ansible's spacing. Imported by the call alone: the gate must
    survive a Python library that is just being replaced."""
    import json

    return json.dumps(args)
