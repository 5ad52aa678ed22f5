// Wipes the command line from the memory of the process once it has been read.
// When Deno itself fails it prints the command line, and `ps` shows it to all:
// arguments of modules hold secrets. Linux only; elsewhere nothing happens.

/** The places of a process's arguments in /proc/PID/stat, after its name. */
const ARG_START = 45;
const ARG_END = 46;

/**
 * Wipes all arguments but the name of the command.
 *
 * @param argv the arguments that the process was given, to its last
 */
export function hideArguments(argv: readonly string[]): void {
  const memory = commandLine();
  if (memory === undefined) return;
  const [command = ""] = argv;
  const hidden = /^[a-z]+$/.test(command) ? argv.slice(1) : argv;
  const text = new TextEncoder().encode(
    hidden.map((arg) => arg + "\0").join(""),
  );
  const tail = memory.subarray(Math.max(0, memory.length - text.length));
  // Where something else stands there, it is not ours to wipe.
  if (tail.toHex() === text.toHex()) tail.fill(0);
}

/** The command line, each argument with its NUL, as memory to write to. */
function commandLine(): Uint8Array<ArrayBuffer> | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const start = BigInt(fields[ARG_START]!);
    const length = Number(BigInt(fields[ARG_END]!) - start);
    const pointer = Deno.UnsafePointer.create(start);
    if (pointer === null || length <= 0) return undefined;
    return new Uint8Array(
      Deno.UnsafePointerView.getArrayBuffer(pointer, length),
    );
  } catch {
    return undefined; // there is no /proc here: it cannot be done
  }
}
