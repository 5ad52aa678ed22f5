#!/bin/sh
# Runs a command in a copy of this machine whose changes go elsewhere: a layer above
# its files, no network, its own processes, no devices but the harmless ones.
# Arguments: the folder of the sample, the host's name, the command.
set -e
folder=$1 name=$2
shift 2
own=$folder/own/$name
if ! [ -d "$own" ]; then
  mkdir -p "$own/upper" "$own/work" "$own/root"
  cp -a "$folder/hosts/${name%-*}/." "$own/upper/"
  chmod -R go-w "$own/upper"
fi
root=$own/root
mount -t overlay overlay \
  -o "lowerdir=/,upperdir=$own/upper,workdir=$own/work" "$root"
mount -t proc proc "$root/proc"
mount --bind -o ro "$root/proc/sys" "$root/proc/sys"
mount --bind "$folder/own/dev" "$root/dev"
for device in null zero full random urandom; do
  mount --bind "/dev/$device" "$root/dev/$device"
done
# As containers that share a HOME, with one name and equal process ids.
mount --bind "$folder/own/ftl" "$root$folder/home/.ftl"
ip link set lo up
# The same order of Python's sets on both sides.
exec setpriv --bounding-set=-sys_module,-sys_time,-sys_boot,-sys_rawio,-mknod \
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  HOME="$folder/home" LC_ALL=C.UTF-8 PYTHONHASHSEED=0 \
  chroot "$root" "$@"
