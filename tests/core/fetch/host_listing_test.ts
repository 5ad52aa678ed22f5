import { assertEquals, assertThrows } from "@std/assert";
import { CallError } from "../../../src/errors.ts";
import { HERE } from "../../../src/core/fetch/fetch_target.ts";
import { readHostListing } from "../../../src/core/fetch/host_listing.ts";

const FETCHING = {
  args: { src: "/srv", dest: "out" },
  host: "web1",
  folder: "out/web1",
  name: "srv",
  maxSize: 1e9,
  namesFiles: false,
  check: false,
  umask: 0o022,
  target: HERE,
  ourUid: 1000,
};
const SIGNS: Readonly<Record<string, string>> = {
  folder: "d",
  file: "f",
  link: "l",
  other: "o",
  nothing: "-",
};

/** One entry: name, kind, and a link's target or a folder's mode. */
type Listed = readonly [name: string, kind: string, more?: string];

/** A listing of one batch, whose entries belong to uid 1000. */
function listing(entries: readonly Listed[]): Uint8Array {
  const names = entries.map(([name]) => `${name}\0`).join("");
  const kinds = entries.map(([, kind]) => SIGNS[kind]).join("");
  const stats = entries.filter(([, kind]) => kind !== "nothing")
    .map(([, kind, mode = "41ed"]) =>
      `${kind === "folder" ? mode : "81a4"} 7 1 1000 100\n`
    ).join("");
  const targets = entries.map(([, kind, target]) =>
    kind === "link" ? `${target}\n\0` : ""
  ).join("");
  const text = `${names}\0${kinds}\n-\n${stats}${targets}`;
  return new TextEncoder().encode(text);
}

function read(entries: readonly Listed[]) {
  return readHostListing(listing(entries), FETCHING);
}

const ROOT: Listed = [".", "folder"];

Deno.test("readHostListing() reads files below folders that were listed before", () => {
  const { entries, leftOut } = read([
    ROOT,
    ["./a", "folder"],
    ["./a/b", "file"],
    ["./gone", "nothing"],
  ]);
  assertEquals(
    entries.map(({ parts, kind, size }) => [parts.join("/"), kind, size]),
    [["a", "folder", 0], ["a/b", "file", 7]],
  );
  assertEquals(leftOut, []);
});

Deno.test("readHostListing() ends at a name that leads out of the folder", () => {
  for (const name of ["../x", "./../x", "/etc/x", "./a//b", "x"]) {
    assertThrows(
      () => read([ROOT, [name, "file"]]),
      CallError,
      "leads out of the folder",
    );
  }
});

Deno.test("readHostListing() ends at a name whose folder was not listed, or that is listed twice", () => {
  for (
    const entries of [
      [ROOT, ["./a/b", "file"]],
      [ROOT, ["./a", "file"], ["./a/b", "file"]],
      [ROOT, ["./a", "link", "b"], ["./a/b", "file"]],
      [ROOT, ["./a", "file"], ["./a", "folder"]],
    ] as Listed[][]
  ) {
    assertThrows(() => read(entries), CallError, "it contradicts itself");
  }
});

Deno.test("readHostListing() leaves out links that lead out, and devices", () => {
  const { entries, leftOut } = read([
    ROOT,
    ["./in", "link", "a/b"],
    ["./up", "link", "../x"],
    ["./root", "link", "/etc/passwd"],
    ["./pipe", "other"],
  ]);
  assertEquals(entries.map(({ name, target }) => [name, target]), [
    ["./in", "a/b"],
  ]);
  assertEquals(leftOut, [
    "The link up was left out: it leads out of the folder, to ../x",
    "The link root was left out: it leads out of the folder, to /etc/passwd",
    "pipe was left out: it is a device, a socket or a pipe",
  ]);
});

Deno.test("readHostListing() knows in which folders only we can change files", () => {
  const isInOurs = (root: string, folder: string) =>
    read([
      [".", "folder", root],
      ["./a", "folder", folder],
      ["./a/b", "file"],
    ]).entries.map((entry) => entry.isInOurs);
  assertEquals(isInOurs("41ed", "41ed"), [true, true]);
  assertEquals(isInOurs("41ed", "41ff"), [true, false]);
  assertEquals(isInOurs("41ff", "41ed"), [false, false]);
});

Deno.test("readHostListing() names what is not UTF-8", () => {
  const bytes = listing([["?", "file"]]);
  bytes[0] = 0xff;
  assertEquals(readHostListing(bytes, FETCHING), {
    entries: [],
    leftOut: [],
    notUtf8: ["\\xff"],
  });
});
