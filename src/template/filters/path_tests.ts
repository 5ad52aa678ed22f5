// Tests of paths on this machine: `is file`, `is exists`, `is abs`.
import { isAbsolute } from "@std/path";
import type { Test } from "../run/library_types.ts";
import { toText } from "../values/printed_text.ts";

function ofFile(
  holds: (info: Deno.FileInfo) => boolean,
  { follows = true }: { follows?: boolean } = {},
): Test {
  return ["", (value) => {
    const path = toText(value);
    try {
      return holds(follows ? Deno.statSync(path) : Deno.lstatSync(path));
    } catch {
      return false; // what cannot be looked at does not exist, as in Python
    }
  }];
}

const directory = ofFile(({ isDirectory }) => isDirectory);
const file = ofFile(({ isFile }) => isFile);
const link = ofFile(({ isSymlink }) => isSymlink, { follows: false });
const exists = ofFile(() => true);
const absolute: Test = ["", (value) => isAbsolute(toText(value))];

/** The tests of this file. */
export const PATH_TESTS: Readonly<Record<string, Test>> = {
  directory,
  is_dir: directory,
  file,
  is_file: file,
  link,
  is_link: link,
  exists,
  link_exists: ofFile(() => true, { follows: false }),
  abs: absolute,
  is_abs: absolute,
};
