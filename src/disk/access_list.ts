// Whether a file or folder has a POSIX access control list. When it has
// one, the bits of its mode that seem to be its group's are the most that anybody
// on the list may do. Linux only: a Mac's lists are not part of a mode.

const ATTRIBUTE = cString("system.posix_acl_access");

type Getxattr = (
  path: BufferSource,
  name: BufferSource,
  value: null,
  size: bigint,
) => bigint;

let getxattr: Getxattr | undefined;

/** Whether it has one; false when that cannot be determined. */
export function hasAccessList(path: string): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    getxattr ??= openGetxattr();
    return getxattr(cString(path), ATTRIBUTE, null, 0n) > 0n;
  } catch {
    return false; // there is no such library, or we may not use one
  }
}

function openGetxattr(): Getxattr {
  return Deno.dlopen("libc.so.6", {
    getxattr: {
      parameters: ["buffer", "buffer", "buffer", "usize"],
      result: "isize",
    },
  }).symbols.getxattr;
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
