// Trees of Debian releases, as hosts or as machines that ftl runs on, made by
// scripts/setup_roots.sh. Tests change nothing in them: they use a layer on them.
import { join } from "@std/path";
import { type Need, need } from "./need.ts";

/** The releases, oldest first. */
export const SUITES = {
  buster: "Debian 10",
  bullseye: "Debian 11",
  bookworm: "Debian 12",
  trixie: "Debian 13",
  sid: "Debian's sid",
} as const;

/** Whether there is the tree of a release; `path`: where. */
export function rootTreeNeed(suite: keyof typeof SUITES): Need {
  return need(`tree of ${SUITES[suite]}`, findTree(suite));
}

/** The tree of trixie: OpenSSH 10, sudo-rs. */
export const newerRootNeed: Need = rootTreeNeed("trixie");

function findTree(suite: string): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME") ??
    join(Deno.env.get("HOME") ?? "/root", ".cache");
  const roots = Deno.env.get("FTL_TEST_ROOTS") ?? join(cache, "ftl-test-roots");
  const tree = join(roots, suite);
  try {
    return Deno.statSync(join(tree, "usr/sbin/sshd")).isFile ? tree : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A shell script that makes a layer on a tree at `ROOT`, in a mount namespace of its
 * own, with the folders `shared` of this machine.
 */
export function rootScript(tree: string, shared: readonly string[]): string {
  return [
    "mount -t tmpfs -o mode=755 tmpfs /mnt",
    `mkdir /mnt/upper /mnt/work ${ROOT}`,
    "mount -t overlay overlay " +
    `-o lowerdir=${tree},upperdir=/mnt/upper,workdir=/mnt/work ${ROOT}`,
    `mount -t proc proc ${ROOT}/proc`,
    `mount -t tmpfs -o mode=755 tmpfs ${ROOT}/run`,
    `mkdir ${ROOT}/run/sshd`,
    `mount --rbind /dev ${ROOT}/dev`,
    ...shareScript(shared),
  ].join("\n");
}

/** Shows folders of this machine in the root. */
export function shareScript(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => [
    `mkdir -p ${ROOT}${folder}`,
    `mount --bind ${folder} ${ROOT}${folder}`,
  ]);
}

/** The same for the tree of trixie as a host, with the users of this machine. */
export function newerRootScript(shared: readonly string[]): string {
  return [
    rootScript(newerRootNeed.path, shared),
    // Its sudo is sudo-rs, as on Ubuntu.
    `ln -sf ../lib/cargo/bin/sudo ${ROOT}/usr/bin/sudo`,
    ...["passwd", "shadow", "group", "gshadow"]
      .map((name) => `cat /etc/${name} >${ROOT}/etc/${name}`),
  ].join("\n");
}

/** Where the scripts make the root. */
export const ROOT = "/mnt/root";
