// Drives the command line as a user does: arguments in; output and exit status
// out. It is the binary in dist/ that is driven, or with FTL_TEST_SOURCES set the
// sources. The process has a HOME of its own, so nothing of the user's is read.
import { fromFileUrl, join } from "@std/path";
import { needBinary, RUNTIME_DIR } from "./binary.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** The folder of modules to run. */
export const MODULES = join(ROOT, "tests/fixtures/modules");

/** The folder of modules that a gate must survive. */
export const NASTY = join(MODULES, "nasty");

/** How a run of ftl ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's account on the machine that ftl runs on. */
export interface Account extends AsyncDisposable {
  readonly home: string;
  /** Runs ftl to its end, with `input` on its standard input. */
  ftl(args: readonly string[], input?: string): Promise<Outcome>;
  /** Starts ftl; what it prints can be read as it comes. */
  start(args: readonly string[]): Deno.ChildProcess;
}

const binary = Deno.env.get("FTL_TEST_SOURCES")
  ? undefined
  : (await needBinary()).path || undefined;

/** The command that starts ftl. */
const COMMAND: readonly string[] = binary === undefined
  ? [Deno.execPath(), "run", "-A", join(ROOT, "main.ts")]
  : [binary];

/**
 * Makes an account with an empty HOME, which goes when it is disposed. ftl runs in
 * the folder `cwd`, with the variables `env` beside its own.
 */
export async function createAccount(
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Account> {
  const home = await Deno.makeTempDir({ prefix: "ftl-account-" });
  const command = (args: readonly string[], stdin: "null" | "piped") =>
    new Deno.Command(COMMAND[0]!, {
      args: [...COMMAND.slice(1), ...args],
      clearEnv: true,
      env: { ...envFor(home), ...env },
      ...(cwd !== undefined && { cwd }),
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  return {
    home,
    ftl: async (args, input) => {
      const child = command(args, input === undefined ? "null" : "piped");
      if (input !== undefined) {
        const writer = child.stdin.getWriter();
        // A program may end before it has read everything.
        await writer.write(new TextEncoder().encode(input)).catch(() => {});
        await writer.close().catch(() => {});
      }
      const { code, stdout, stderr } = await child.output();
      const text = new TextDecoder();
      return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    },
    start: (args) => command(args, "null"),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** The command that starts ftl for a user with this HOME, and its environment. */
export function mainCommand(
  home: string,
): { command: readonly string[]; env: Readonly<Record<string, string>> } {
  return { command: COMMAND, env: envFor(home) };
}

/** The command that starts a TypeScript program, and its environment. */
export function programCommand(
  path: string,
  home: string,
): { command: readonly string[]; env: Readonly<Record<string, string>> } {
  return { command: [Deno.execPath(), "run", "-A", path], env: envFor(home) };
}

/** The unpacked program and its cache are shared: a new HOME would make them again. */
function envFor(home: string): Record<string, string> {
  const own = Deno.env.get("HOME") ?? "/root";
  return {
    HOME: home,
    PATH: Deno.env.get("PATH") ?? "",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(own, ".cache/deno"),
    FTL_RUNTIME_DIR: RUNTIME_DIR,
  };
}

// deno-lint-ignore no-explicit-any -- whatever a test expects to find in it
type Event = any;

/** The objects in lines of NDJSON. */
export function parseLines(text: string): Event[] {
  return text.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** The objects in a stream of NDJSON, as they come. */
export async function* readEvents(
  stdout: ReadableStream<Uint8Array>,
): AsyncGenerator<Event, void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** Reads events until the expected one; returns all it read. */
export async function untilEvent(
  events: AsyncGenerator<Event, void>,
  isIt: (event: Event) => boolean,
): Promise<Event[]> {
  const taken: Event[] = [];
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error("The program ended before the event came");
    taken.push(value);
    if (isIt(value)) return taken;
  }
}

/**
 * Polls until a condition outside of this process is true.
 *
 * @throws {Error} after half a minute.
 */
export async function eventually(
  what: string,
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`Never came about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
