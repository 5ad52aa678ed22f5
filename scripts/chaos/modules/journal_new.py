# A new-style module that notes in a host's journal when a call begins and ends.
import os
import select

from ansible.module_utils.basic import AnsibleModule


def note(journal, text):
    fd = os.open(journal, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def main():
    module = AnsibleModule(
        argument_spec={
            "journal": {"type": "path", "required": True},
            "id": {"required": True},
            "sleep": {"type": "float", "default": 0},
            "size": {"type": "int", "default": 0},
        }
    )
    args = module.params
    note(args["journal"], "begin %s\n" % args["id"])
    select.select([], [], [], args["sleep"])
    note(args["journal"], "end %s\n" % args["id"])
    module.exit_json(changed=True, id=args["id"], data="x" * args["size"])


if __name__ == "__main__":
    main()
