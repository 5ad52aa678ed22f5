// A portable binary whose runtime is a shell script that says what it was told:
// made in no time, and all that head.sh does is real.
import { join } from "@std/path";
import { packPortable } from "../../../scripts/compile/portable.ts";

const RUNTIME = `#!/bin/sh
for word; do last=$word; done
echo "last word: $last"
echo "all words: $*"
echo "cache: $DENO_DIR"
echo "umask: $(umask)"
`;

/** The file, in a folder of its own beside an empty HOME. */
export interface PortableFile extends AsyncDisposable {
  readonly path: string;
  readonly home: string;
  /** For whatever a test wants to put somewhere. */
  readonly folder: string;
  /** Runs it to its end. */
  run(options?: RunOptions): Promise<Outcome>;
  /** The runtimes that are unpacked below a folder, and what else is there. */
  list(folder: string): Promise<string[]>;
}

/** How to run it. */
export interface RunOptions {
  /** Default: one word, `hello`. */
  args?: readonly string[];
  /** Added to HOME and PATH. */
  env?: Record<string, string>;
  /** A command that starts it. */
  wrapper?: readonly string[];
}

/** How a run ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes the file; its runtime is a script, or the bytes of a program. */
export async function makePortableFile(
  runtime: string | Uint8Array<ArrayBuffer> = RUNTIME,
): Promise<PortableFile> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const [path, home] = [join(folder, "ftl"), join(folder, "home")];
  await Deno.mkdir(home);
  const bytes = await packPortable({
    deno: typeof runtime === "string" ? encode(runtime) : runtime,
    bundle: {
      files: new Map([
        ["main.js", encode("// the program\n")],
        ["OTHER.js", encode(`// ${crypto.randomUUID()}\n`)],
      ]),
      packages: [],
    },
  });
  await Deno.writeFile(path, bytes, { mode: 0o755 });
  return {
    path,
    home,
    folder,
    run: async ({ args = ["hello"], env = {}, wrapper = [] } = {}) => {
      const words = [...wrapper, path, ...args];
      const { code, stdout, stderr } = await new Deno.Command(words[0]!, {
        args: words.slice(1),
        clearEnv: true,
        env: { HOME: home, PATH: Deno.env.get("PATH") ?? "", ...env },
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    },
    list: async (folder) =>
      (await Array.fromAsync(Deno.readDir(folder)))
        .map(({ name }) => name.replace(/(?<=^ftl-runtime-)[0-9a-f]{32}/, "ID"))
        .sort(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
