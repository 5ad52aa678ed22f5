// Lists of POSIX's that let one user write to a file or folder of another's.
import { assert } from "@std/assert";

/** Lets a user write to something, by an access control list. Linux only. */
export async function openTo(uid: number, path: string): Promise<void> {
  const script = `import os, struct, sys
own = [(1, 7, -1), (2, 7, ${uid}), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
entries = b"".join(struct.pack("<HHi", *entry) for entry in own)
name = "system.posix_acl_access"
os.setxattr(sys.argv[1], name, struct.pack("<I", 2) + entries)`;
  const { success } = await new Deno.Command("python3", {
    args: ["-c", script, path],
  }).output();
  assert(success, "no access control list can be set here");
}
