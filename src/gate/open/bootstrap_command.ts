// Makes what turns a host's Python into a gate: a command line, the stage
// (one line on stdin), and the bootstrap. The command line must work in bash, dash,
// zsh, fish and tcsh as login shells, so it has no "!", quote, backslash or newline
// inside its quotes.
import { blankComments } from "../format/blank_comments.ts";
import { runtimeFiles } from "../format/runtime_files.ts";
import bootstrapText from "../runtime/bootstrap.py" with { type: "text" };
import { execPython, pythonsToTry } from "./python_command.ts";
import stageText from "../runtime/stage.py" with { type: "text" };

/** The files that follow bootstrap.py, in the order of its list `sources`. */
const BOOTSTRAP = [
  "folder",
  "code_cache",
  "receive",
  "compiler",
  "unpack",
] as const;

/** The parts of a bootstrap command. */
export interface BootstrapOptions {
  /** Marks our lines in the host's output; fresh for every opening. */
  nonce: string;
  /** The length of the bootstrap in bytes. */
  length: number;
  /** The gate's id. */
  id: string;
  /**
   * `sent`: the archive follows at once; `hint`: only when the host asks;
   * `memory`: it follows, and neither it nor anything else is put on a disk.
   */
  archive: "sent" | "hint" | "memory";
  linkLoss: "kill" | "finish";
  /** The interpreter. Default, and for `auto…`: the first of `PYTHONS` that exists. */
  python?: string | undefined;
}

/**
 * The command line that turns a login shell into a gate: at most 1 KiB. It prints
 * the sentinel, which the host assembles so that an echo of the command does not
 * match, and runs the stage with the first Python that exists. All hosts have the
 * same hash seed, so that equal messages of modules are equal texts. Python reads its
 * files below HOME only when the user owns HOME.
 *
 * @throws {GateError} when the interpreter cannot be used.
 */
export function bootstrapCommand(options: BootstrapOptions): string {
  const { nonce, length, id, archive, linkLoss } = options;
  const rest = `-c $c ${nonce} ${length} ${id} ${archive} ${linkLoss}`;
  return `exec /bin/sh -c 'set -f;IFS=;t=ftl-${nonce};echo $t-sh;read -r c;` +
    "[ -O $HOME ]||export PYTHONNOUSERSITE=1;export PYTHONHASHSEED=0;" +
    execPython(pythonsToTry(options.python), rest) +
    `echo $t-nopython'`;
}

/** The stage: the first line on stdin. */
export function stageLine(): Uint8Array {
  const source = stageText.replace(/^#.*\n/gm, "");
  // A JSON string of ASCII text is a Python string literal of the same text.
  return new TextEncoder().encode(`exec(${JSON.stringify(source)})\n`);
}

let compressed: Promise<Uint8Array> | undefined;

/** The bootstrap, which follows the stage: in zlib's format, made once. */
export function bootstrapBytes(): Promise<Uint8Array> {
  const sources = BOOTSTRAP.map((name) =>
    runtimeFiles.get(`ftl_gate/${name}.py`)
  );
  compressed ??= deflate([blankComments(bootstrapText), ...sources].join("\0"));
  return compressed;
}

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
