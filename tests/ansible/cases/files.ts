// Calls that are about files.
import type { Case } from "./case.ts";

const TEXT = "one\ntwo\nthree\n";
const INI = "[a]\nx = 1\n\n[b]\ny = 2\n";
const XML = "<root><item id='1'>a</item><item id='2'>b</item></root>\n";

export const FILE_CASES: readonly Case[] = [
  {
    does: "makes a folder",
    module: "file",
    args: { path: "$D/new/below", state: "directory", mode: "0750" },
    isShort: true,
  },
  {
    does: "makes an empty file",
    module: "file",
    args: { path: "$D/new", state: "touch", mode: "u=rw,go=r" },
  },
  {
    does: "changes a mode",
    module: "file",
    args: { path: "$D/f", mode: "0600" },
    files: { f: TEXT },
  },
  {
    does: "leaves a mode as it is",
    module: "file",
    args: { path: "$D/f", mode: "0644" },
    files: { f: TEXT },
  },
  {
    does: "makes a link",
    module: "file",
    args: { src: "$D/f", dest: "$D/l", state: "link" },
    files: { f: TEXT },
  },
  {
    does: "makes a hard link",
    module: "file",
    args: { src: "$D/f", dest: "$D/l", state: "hard" },
    files: { f: TEXT },
  },
  {
    does: "removes a folder",
    module: "file",
    args: { path: "$D/d", state: "absent" },
    files: { "d/f": TEXT },
  },
  {
    does: "changes a folder's modes all the way down",
    module: "file",
    args: { path: "$D/d", mode: "o-rwx", recurse: true, state: "directory" },
    files: { "d/e/f": TEXT },
  },
  {
    does: "fails for a file that is not there",
    module: "file",
    args: { path: "$D/none", mode: "0600" },
    isShort: true,
  },
  {
    does: "fails for a parameter that it does not have",
    module: "file",
    args: { path: "$D/f", tint: "blue" },
    files: { f: TEXT },
  },
  {
    does: "fails for a parameter that is missing",
    module: "file",
    args: { state: "touch" },
  },
  {
    does: "fails for a value that is not a choice",
    module: "file",
    args: { path: "$D/f", state: "gone" },
  },
  {
    does: "tells of a file",
    module: "stat",
    args: { path: "$D/f" },
    files: { f: TEXT },
    isShort: true,
  },
  {
    does: "tells of a link",
    module: "stat",
    args: { path: "$D/l", get_checksum: false },
    files: { f: TEXT, "l@": "f" },
  },
  {
    does: "tells that there is no file",
    module: "stat",
    args: { path: "$D/none" },
  },
  {
    does: "tells of a file with a name in another script",
    module: "stat",
    args: { path: "$D/größe 大" },
    files: { "größe 大": "ä\n" },
  },
  {
    does: "fails for a sum that it cannot make",
    module: "stat",
    args: { path: "$D/f", checksum_algorithm: "crc" },
    files: { f: TEXT },
  },
  {
    does: "replaces a line",
    module: "lineinfile",
    args: { path: "$D/f", regexp: "^two", line: "2", backup: true },
    files: { f: TEXT },
    isShort: true,
  },
  {
    does: "adds a line after another",
    module: "lineinfile",
    args: { path: "$D/f", insertafter: "^one", line: "größer" },
    files: { f: TEXT },
  },
  {
    does: "removes a line",
    module: "lineinfile",
    args: { path: "$D/f", regexp: "^two", state: "absent" },
    files: { f: TEXT },
  },
  {
    does: "fails for a file that is not there",
    module: "lineinfile",
    args: { path: "$D/none", line: "x" },
  },
  {
    does: "validates before it writes",
    module: "lineinfile",
    args: { path: "$D/f", line: "x", validate: "/bin/false %s" },
    files: { f: TEXT },
    only: "real",
  },
  {
    does: "adds a block",
    module: "blockinfile",
    args: { path: "$D/f", block: "a\nb", insertbefore: "two" },
    files: { f: TEXT },
    isShort: true,
  },
  {
    does: "makes a file for a block",
    module: "blockinfile",
    args: { path: "$D/new", block: "a", create: true, marker: ";; {mark} us" },
  },
  {
    does: "fails for a folder",
    module: "blockinfile",
    args: { path: "$D", block: "a" },
  },
  {
    does: "replaces by a pattern",
    module: "replace",
    args: { path: "$D/f", regexp: "t(\\w+)", replace: "T\\1" },
    files: { f: TEXT },
  },
  {
    does: "fails for a file that is not there",
    module: "replace",
    args: { path: "$D/none", regexp: "x" },
  },
  {
    does: "finds files by pattern and size",
    module: "find",
    args: { paths: "$D", patterns: "*.txt", size: "1", recurse: true },
    files: { "a.txt": TEXT, "b/c.txt": TEXT, "b/d.log": TEXT },
    isShort: true,
  },
  {
    does: "finds files by what is in them",
    module: "find",
    args: { paths: ["$D", "$D/none"], contains: ".*two.*" },
    files: { a: TEXT, b: "x\n" },
  },
  {
    does: "fails for an invalid age",
    module: "find",
    args: { paths: "$D", age: "old" },
  },
  {
    does: "fails without a folder",
    module: "find",
    args: { patterns: "*" },
  },
  {
    does: "reads a file",
    module: "slurp",
    args: { src: "$D/f" },
    files: { f: TEXT },
  },
  {
    does: "fails for a file that is not there",
    module: "slurp",
    args: { src: "$D/none" },
  },
  {
    does: "makes a file",
    module: "tempfile",
    args: { path: "$D", suffix: ".x" },
  },
  {
    does: "makes a folder",
    module: "tempfile",
    args: { path: "$D", state: "directory" },
  },
  {
    does: "fails for what is neither",
    module: "tempfile",
    args: { path: "$D", state: "link" },
  },
  {
    does: "packs files",
    module: "archive",
    args: { path: ["$D/a", "$D/b"], dest: "$D/x.tar.gz" },
    files: { "a/f": TEXT, b: TEXT },
  },
  {
    does: "packs a folder and removes it",
    module: "community.general.archive",
    args: { path: "$D/a", dest: "$D/x.zip", format: "zip", remove: true },
    files: { "a/f": TEXT },
  },
  {
    does: "fails for what is not there",
    module: "archive",
    args: { path: "$D/none", dest: "$D/x.tgz" },
  },
  {
    does: "sets an option",
    module: "ini_file",
    args: { path: "$D/f", section: "a", option: "x", value: "2" },
    files: { f: INI },
  },
  {
    does: "removes a section",
    module: "community.general.ini_file",
    args: { path: "$D/f", section: "b", state: "absent", backup: true },
    files: { f: INI },
  },
  {
    does: "fails where it may not create",
    module: "ini_file",
    args: { path: "$D/none", section: "a", option: "x", create: false },
  },
  {
    does: "sets a text",
    module: "xml",
    args: { path: "$D/f", xpath: "/root/item[@id='2']", value: "c" },
    files: { f: XML },
  },
  {
    does: "counts elements",
    module: "community.general.xml",
    args: { path: "$D/f", xpath: "/root/item", count: true },
    files: { f: XML },
  },
  {
    does: "fails for an invalid expression",
    module: "xml",
    args: { path: "$D/f", xpath: "/root[", count: true },
    files: { f: XML },
  },
  {
    does: "fails for a file that is not XML",
    module: "xml",
    args: { path: "$D/f", xpath: "/root", count: true },
    files: { f: TEXT },
  },
];
