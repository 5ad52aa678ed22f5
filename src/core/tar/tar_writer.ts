// Writes a tar archive in GNU's format, which GNU tar, busybox and the tar of the
// BSDs read with names and sizes of any length. Owners are numbers only. GNU tar's
// manual describes the format in "Basic Tar Format".
import { joinBytes } from "../../join_bytes.ts";

/** One member of an archive. */
export interface TarMember {
  readonly name: string;
  readonly kind: "file" | "folder" | "link";
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  /** The target of a link. */
  readonly target: string;
}

/** The size of a block: headers are blocks, and content is padded to blocks. */
export const BLOCK = 512;
const NAME_BYTES = 100;
/** The largest number that eleven octal digits hold. */
const MAX_OCTAL = 8 ** 11 - 1;
const TYPES = { file: "0", folder: "5", link: "2" } as const;

const encoder = new TextEncoder();

/** The header of a member; its content and `tarPadding()` must follow. */
export function tarHeader(member: TarMember): Uint8Array<ArrayBuffer> {
  const name = member.kind === "folder" ? `${member.name}/` : member.name;
  return joinBytes([
    ...longText("L", name),
    ...longText("K", member.target),
    headerBlock(member, name, TYPES[member.kind]),
  ]);
}

/** The padding after content of a size. */
export function tarPadding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - size % BLOCK) % BLOCK);
}

/** The end of an archive. */
export function tarEnd(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(2 * BLOCK);
}

/** A name that does not fit into a header, as an extra member before it. */
function longText(type: "L" | "K", text: string): Uint8Array<ArrayBuffer>[] {
  const bytes = encoder.encode(`${text}\0`);
  if (bytes.length - 1 <= NAME_BYTES) return [];
  const member = { size: bytes.length, mode: 0, mtime: 0, uid: 0, gid: 0 };
  return [
    headerBlock({ ...member, target: "" }, "././@LongLink", type),
    bytes,
    tarPadding(bytes.length),
  ];
}

function headerBlock(
  { size, mode, mtime, uid, gid, target }: Omit<TarMember, "name" | "kind">,
  name: string,
  type: string,
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const text = (value: string, at: number, length: number) =>
    block.set(encoder.encode(value).subarray(0, length), at);
  text(name, 0, NAME_BYTES);
  number(block, mode, { at: 100, length: 8 });
  number(block, uid, { at: 108, length: 8 });
  number(block, gid, { at: 116, length: 8 });
  number(block, size, { at: 124, length: 12 });
  number(block, Math.max(mtime, 0), { at: 136, length: 12 });
  text("        ", 148, 8); // the checksum's own field counts as spaces
  text(type, 156, 1);
  text(target, 157, NAME_BYTES);
  text("ustar  \0", 257, 8);
  const sum = block.reduce((all, byte) => all + byte, 0);
  text(sum.toString(8).padStart(6, "0") + "\0 ", 148, 8);
  return block;
}

/** Writes a number in octal, or in base 256 with the first bit set if it is large. */
function number(
  block: Uint8Array,
  value: number,
  { at, length }: { at: number; length: number },
): void {
  const max = length === 12 ? MAX_OCTAL : 8 ** (length - 1) - 1;
  if (value <= max) {
    const digits = value.toString(8).padStart(length - 1, "0");
    block.set(encoder.encode(digits), at);
    return;
  }
  let rest = value;
  for (let i = at + length - 1; i > at; i--) {
    block[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  block[at] = 0x80;
}
