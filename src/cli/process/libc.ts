// The few calls of the C library that Deno has no words for. Both systems that
// ftl runs on have them, in a library that every process has loaded already.

const SYMBOLS = {
  _exit: { parameters: ["i32"], result: "void" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  getpgrp: { parameters: [], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C library's calls; each is described in its manual page. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** @throws {Error} where there is no such library. */
export function openLibc(): Libc {
  const name = Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
  return Deno.dlopen(name, SYMBOLS).symbols;
}
