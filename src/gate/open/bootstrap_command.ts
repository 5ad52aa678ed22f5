// Makes the texts that turn a host's Python into a gate: a command line, the stage
// (one line on stdin), and the bootstrap. The command line must work in bash, dash,
// zsh, fish and tcsh as login shells, so it has no "!", quote, backslash or newline
// inside its quotes.
import { blankComments } from "../format/blank_comments.ts";
import { runtimeFiles } from "../format/runtime_files.ts";
import bootstrapText from "../runtime/bootstrap.py" with { type: "text" };
import stageText from "../runtime/stage.py" with { type: "text" };

/** The interpreters to try. The distribution's comes first: it has the bindings to
 * the distribution's packages. */
export const PYTHONS: readonly string[] = [
  "/usr/bin/python3",
  "/usr/libexec/platform-python",
  "python3",
  ...Array.from({ length: 8 }, (_, i) => `python3.${13 - i}`),
];

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
  /** `sent`: the archive follows at once; `hint`: only when the host asks. */
  archive: "sent" | "hint";
  linkLoss: "kill" | "finish";
  /** The interpreter. Default, and for `auto…`: the first of `PYTHONS` that exists. */
  python?: string | undefined;
}

/**
 * The command line that turns a login shell into a gate: at most 1 KiB. It prints
 * the sentinel, which the host assembles so that an echo of the command does not
 * match, and runs the stage with the first Python that exists. Python reads its
 * files below HOME only when the user owns HOME.
 *
 * @throws {RangeError} when the interpreter's path has a character that shells do
 * not take literally.
 */
export function bootstrapCommand(options: BootstrapOptions): string {
  const { nonce, length, id, archive, linkLoss } = options;
  const pythons = pythonsToTry(options.python).join(" ");
  return `exec /bin/sh -c 'set -f;IFS=;t=ftl-${nonce};echo $t-sh;read -r c;` +
    "[ -O $HOME ]||export PYTHONNOUSERSITE=1;" +
    `for p in ${pythons};do command -v $p >/dev/null 2>&1&&` +
    `exec $p -c $c ${nonce} ${length} ${id} ${archive} ${linkLoss};done;` +
    `echo $t-nopython'`;
}

/** The interpreters that a bootstrap command tries for a setting. */
export function pythonsToTry(python: string | undefined): readonly string[] {
  if (python === undefined || /^auto/.test(python)) return PYTHONS;
  if (!/^[A-Za-z0-9_./+~][A-Za-z0-9_./+~-]{0,254}$/.test(python)) {
    throw new RangeError(
      `Cannot use the Python interpreter: ${
        JSON.stringify(python)
      } is not a plain path`,
    );
  }
  return [python];
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
