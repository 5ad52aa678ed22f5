import { assertEquals } from "@std/assert";
import {
  hostFailure,
  PERMISSION_HINT,
} from "../../../src/core/remote/host_error.ts";

Deno.test("hostFailure() translates the messages of GNU, busybox and BSD tools", () => {
  const reasons: [string, string][] = [
    ["dd: error writing 'x': No space left on device", "its disk is full"],
    ["tar: Wrote only 2048 of 10240 bytes", "its disk is full"],
    ["mkdir: x: Read-only file system", "its file system is read-only"],
    ["sh: x: Permission denied", "permission denied"],
    ["chown: x: Operation not permitted", "permission denied"],
    ["mkdir: x: Not a directory", "a part of the path is not a folder"],
    ["sh: 1: tar: not found", "it has no tar"],
    ["chown: invalid user: 'ann'", "it has no such user"],
    ["chown: unknown group ops", "it has no such group"],
    ["cd: x: No such file or directory", "a folder of the path does not exist"],
  ];
  for (const [output, reason] of reasons) {
    assertEquals(
      hostFailure("write /x", `${output}\n`).message,
      `Cannot write /x: ${reason}`,
    );
  }
});

Deno.test("hostFailure() hints at become for a missing permission only", () => {
  const hintFor = (output: string) => hostFailure("write /x", output).hint;
  assertEquals(hintFor("x: Permission denied"), PERMISSION_HINT);
  assertEquals(hintFor("x: No space left on device"), undefined);
});

Deno.test("hostFailure() shows the last line of an unknown message", () => {
  assertEquals(
    hostFailure("write /x", "first\nlast\n\n").message,
    "Cannot write /x: last",
  );
  assertEquals(
    hostFailure("write /x", " \n").message,
    "Cannot write /x: the host gave no reason",
  );
});
