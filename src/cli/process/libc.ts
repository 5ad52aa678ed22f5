// The few C library functions that Deno does not offer. Linux and macOS have them
// in a library that every process has already loaded.

const SYMBOLS = {
  _exit: { parameters: ["i32"], result: "void" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  getpgrp: { parameters: [], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** C library functions; see their manual pages. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** @throws {Error} when the library is missing. */
export function openLibc(): Libc {
  const name = Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
  return Deno.dlopen(name, SYMBOLS).symbols;
}
