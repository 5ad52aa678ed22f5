// Wipes the command line from the memory of the process after it has been read:
// arguments of modules may be secrets, a crash of Deno prints them, and `ps` shows
// them to every user. Linux only; elsewhere nothing happens.

/** Fields of /proc/PID/stat, counted after the name: bounds of the arguments. */
const ARG_START = 45;
const ARG_END = 46;

/**
 * Wipes all arguments except the name of the subcommand.
 *
 * @param argv all arguments of the process
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
  // Never wipe memory that holds anything else.
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
    return undefined; // no /proc
  }
}
