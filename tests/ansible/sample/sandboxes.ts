// Hosts that are copies of this machine: what a module changes there goes to a layer
// above the machine's files, and can be read afterwards. They have no network.
import { dirname, join } from "@std/path";
import { type SourceTree, writeTree } from "../../support/source_tree.ts";

const ENTER = new URL("./enter.sh", import.meta.url);
const PYTHON = "/usr/bin/python3";

/** What a host has before a call. */
export interface HostState {
  /** Absolute path to text. */
  readonly files: SourceTree;
  /** Programs: name in `/usr/local/sbin`, or path, to script. */
  readonly programs: Readonly<Record<string, string>>;
}

/** What a call has changed: path to what is there, or `gone`. */
export type Effect = Readonly<Record<string, string>>;

/** A number of such hosts; each can be entered by both sides, as `NAME-SIDE`. */
export class Sandboxes implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly #holder: Deno.ChildProcess;

  private constructor(folder: string, holder: Deno.ChildProcess) {
    this.folder = folder;
    this.home = join(folder, "home");
    this.#holder = holder;
  }

  static async make(): Promise<Sandboxes> {
    const folder = await Deno.realPath(
      await Deno.makeTempDir({ prefix: "ftl-sample-" }),
    );
    for (const name of ["hosts", "home/.ftl", "own"]) {
      await Deno.mkdir(join(folder, name), { recursive: true });
    }
    await Deno.copyFile(ENTER, join(folder, "enter.sh"));
    const script = `set -e
mount -t tmpfs tmpfs ${folder}/own
mkdir ${folder}/own/dev ${folder}/own/ftl
chmod 700 ${folder}/own/ftl
for device in null zero full random urandom; do
  : >${folder}/own/dev/$device
done
echo ready
exec cat`;
    const holder = new Deno.Command("unshare", {
      args: ["-m", "--propagation", "private", "sh", "-c", script],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    const { done } = await reader.read();
    await reader.cancel();
    if (done) {
      throw new Error("Cannot make folders for the hosts of the sample");
    }
    return new Sandboxes(folder, holder);
  }

  /** Adds a host; returns the interpreters by which the sides enter it. */
  async add(name: string, { files, programs }: HostState): Promise<
    { ansible: string; ftl: string }
  > {
    const host = join(this.folder, "hosts", name);
    await Deno.mkdir(host);
    await writeTree(host, files);
    for (const [program, text] of Object.entries(programs)) {
      const path = program.startsWith("/")
        ? join(host, program)
        : join(host, "usr/local/sbin", program);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text, { mode: 0o755 });
    }
    return {
      ansible: await this.#interpreter(`${name}-ansible`),
      ftl: await this.#interpreter(`${name}-ftl`),
    };
  }

  async #interpreter(name: string): Promise<string> {
    const path = join(this.folder, name);
    await Deno.writeTextFile(
      path,
      `#!/bin/sh
exec nsenter -m -t ${this.#holder.pid} unshare -mnpui --fork --kill-child \\
  --propagation private sh ${this.folder}/enter.sh ${this.folder} ${name} ${PYTHON} "$@"
`,
      { mode: 0o755 },
    );
    return path;
  }

  /** What one side has changed on a host. */
  async effect(name: string, side: "ansible" | "ftl"): Promise<Effect> {
    const upper =
      `/proc/${this.#holder.pid}/root${this.folder}/own/${name}-${side}/upper`;
    const effect: Record<string, string> = {};
    await this.#look(upper, "", effect);
    return effect;
  }

  async #look(
    upper: string,
    folder: string,
    effect: Record<string, string>,
  ): Promise<void> {
    for await (const { name } of Deno.readDir(upper + folder)) {
      const path = `${folder}/${name}`;
      // The files of each side itself.
      if (path === this.home) continue;
      const info = await Deno.lstat(upper + path);
      const mode = ((info.mode ?? 0) & 0o7777).toString(8);
      if (info.isSymlink) {
        effect[path] = `link to ${await Deno.readLink(upper + path)}`;
      } else if (info.isDirectory) {
        if (mode !== await modeHere(path)) effect[`${path}/`] = mode;
        await this.#look(upper, path, effect);
      } else if (info.isFile) {
        const bytes = (await Deno.readFile(upper + path)).subarray(0, 100_000);
        effect[path] = `${mode} ${new TextDecoder().decode(bytes)}`;
      } else effect[path] = "gone";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.close();
    await this.#holder.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The mode of a folder of this machine. */
async function modeHere(path: string): Promise<string | undefined> {
  try {
    return (((await Deno.lstat(path)).mode ?? 0) & 0o7777).toString(8);
  } catch {
    return undefined; // it is not here
  }
}
