// Saves and restores the settings of the terminal, for when the process is ended
// in the middle of something.
import type { Libc } from "./libc.ts";

/** A `struct termios` of the system, in a buffer longer than any of them. */
export type TerminalState = Uint8Array<ArrayBuffer>;

const STATE_BYTES = 256;
const TCSANOW = 0;

/** O_RDWR, O_NOCTTY and O_CLOEXEC. */
const OPEN_FLAGS = Deno.build.os === "darwin" ? 0x1020002 : 0x80102;

const DEVICE = new TextEncoder().encode("/dev/tty\0");

/** Reads the settings; undefined when there is no terminal. */
export function readTerminal(libc: Libc): TerminalState | undefined {
  return onTerminal(libc, (fd) => {
    const state = new Uint8Array(STATE_BYTES);
    return libc.tcgetattr(fd, state) === 0 ? state : undefined;
  });
}

/** Restores them, unless we are a background job: setting them would stop us. */
export function restoreTerminal(libc: Libc, state: TerminalState): void {
  onTerminal(libc, (fd) => {
    if (libc.tcgetpgrp(fd) === libc.getpgrp()) {
      libc.tcsetattr(fd, TCSANOW, state);
    }
  });
}

function onTerminal<T>(libc: Libc, fn: (fd: number) => T): T | undefined {
  const fd = libc.open(DEVICE, OPEN_FLAGS);
  if (fd < 0) return undefined;
  try {
    return fn(fd);
  } finally {
    libc.close(fd);
  }
}
