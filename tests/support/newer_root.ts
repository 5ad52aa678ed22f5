// The tree of a newer Debian (trixie: OpenSSH 10, sudo-rs) as a host, made by
// scripts/setup_newer_root.sh. Tests change nothing in it: they use a layer on it.
import { join } from "@std/path";
import { type Need, need } from "./need.ts";

/** Whether there is such a tree; `path`: where. */
export const newerRootNeed: Need = need("tree of Debian 13", findTree());

function findTree(): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME") ??
    join(Deno.env.get("HOME") ?? "/root", ".cache");
  const tree = Deno.env.get("FTL_TEST_NEWER_ROOT") ??
    join(cache, "ftl-test-newer-root");
  try {
    return Deno.statSync(join(tree, "usr/sbin/sshd")).isFile ? tree : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A shell script that makes the tree a root at `/mnt/newer`, in a mount namespace
 * of its own, with the users of this machine's /etc and the folders `shared`.
 */
export function newerRootScript(shared: readonly string[]): string {
  const root = NEWER_ROOT;
  return [
    "mount -t tmpfs -o mode=755 tmpfs /mnt",
    `mkdir /mnt/upper /mnt/work ${root}`,
    "mount -t overlay overlay " +
    `-o lowerdir=${newerRootNeed.path},upperdir=/mnt/upper,workdir=/mnt/work ${root}`,
    `mount -t proc proc ${root}/proc`,
    `mount -t tmpfs -o mode=755 tmpfs ${root}/run`,
    `mkdir ${root}/run/sshd`,
    `mount --rbind /dev ${root}/dev`,
    // Its sudo is sudo-rs, as on Ubuntu.
    `ln -sf ../lib/cargo/bin/sudo ${root}/usr/bin/sudo`,
    ...["passwd", "shadow", "group", "gshadow"]
      .map((name) => `cat /etc/${name} >${root}/etc/${name}`),
    ...shared.flatMap((folder) => [
      `mkdir -p ${root}${folder}`,
      `mount --bind ${folder} ${root}${folder}`,
    ]),
  ].join("\n");
}

/** Where the script makes the root. */
export const NEWER_ROOT = "/mnt/newer";
