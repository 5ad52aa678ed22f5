// The program under test: it uses ftl as a library, makes calls of all kinds until its
// stdin says "calm", then one more on every host, which must succeed. It prints what it
// is told as lines of JSON.
//
//   program.ts '{"inventory": …, "knownHosts": …, "modules": …, "folder": …, "seed": 1}'
import { join } from "@std/path";
import {
  collect,
  exec,
  fetchFiles,
  type Fleet,
  type Host,
  type HostResult,
  loadHosts,
  openFleet,
  pushFiles,
  run,
  type RunReport,
} from "../../src/mod.ts";
import { TOKEN } from "./chaos_fleet.ts";
import { callChain } from "./chain.ts";
import type { Report } from "./journal.ts";
import { Random } from "../random.ts";

/** What the program is told. */
export interface ProgramOptions {
  readonly inventory: string;
  readonly knownHosts: string;
  /** Folders of modules; the first has the journal's. */
  readonly modules: readonly string[];
  readonly folder: string;
  readonly seed: number;
  readonly kinds: readonly string[];
}

/** A line that the program prints. */
export type ProgramLine =
  | { readonly type: "result"; readonly report: Report }
  | {
    readonly type: "chain";
    readonly host: string;
    readonly ids: readonly string[];
  }
  | { readonly type: "memory"; readonly residentKb: number }
  | { readonly type: "fault"; readonly what: string }
  | { readonly type: "recovered"; readonly statuses: readonly string[] };

/** How many calls it makes at once. */
const LANES = 4;
const TIMEOUT_MS = 15_000;
/** A call that takes this much longer than its deadline hangs. */
const GUARD_MS = 90_000;
const MEMORY_MS = 2_000;

class Program {
  readonly #options: ProgramOptions;
  readonly #hosts: readonly Host[];
  readonly #fleets: { readonly login: Fleet; readonly root: Fleet };
  #made = 0;
  #isCalm = false;

  constructor(
    options: ProgramOptions,
    hosts: readonly Host[],
    fleets: { login: Fleet; root: Fleet },
  ) {
    this.#options = options;
    this.#hosts = hosts;
    this.#fleets = fleets;
  }

  calm(): void {
    this.#isCalm = true;
  }

  async run(): Promise<void> {
    const random = new Random(this.#options.seed);
    const lanes = Array.from(
      { length: LANES },
      (_, i) => this.#lane(random.for(`lane ${i}`)),
    );
    await Promise.all(lanes);
    const statuses: string[] = [];
    for (const fleet of Object.values(this.#fleets)) {
      const { results } = await this.#call("journal_native", fleet, {});
      statuses.push(
        ...[...results.values()].map(({ host, status, error, result }) =>
          status === "ok"
            ? "ok"
            : `${host}: ${status}: ${error?.message ?? messageIn(result)}`
        ),
      );
    }
    print({ type: "recovered", statuses });
  }

  async #lane(random: Random): Promise<void> {
    while (!this.#isCalm) {
      const kind = random.pick(this.#options.kinds);
      const began = performance.now();
      const guard = setTimeout(
        () => print({ type: "fault", what: `${kind} hangs` }),
        TIMEOUT_MS + GUARD_MS,
      );
      try {
        await this.#make(kind, random);
      } finally {
        clearTimeout(guard);
      }
      const ms = performance.now() - began;
      await new Promise((go) => setTimeout(go, Math.max(20, 150 - ms)));
    }
  }

  async #make(kind: string, random: Random): Promise<void> {
    const { login, root } = this.#fleets;
    const hosts = random.some(this.#hosts).map(({ name }) => name);
    const signal = random.chance(0.1)
      ? AbortSignal.timeout(random.int(0, 400))
      : undefined;
    const options = { hosts, ...(signal && { signal }) };
    if (kind === "chain") {
      return await this.#chain(random.pick(this.#hosts), random);
    }
    if (kind === "exec") return await this.#exec(random, options);
    if (kind === "push") return await this.#push(random, options);
    if (kind === "fetch") return await this.#fetch(options);
    const fleet = kind === "become" ? root : login;
    const module = kind === "become" ? "journal_native" : kind;
    await this.#call(module, fleet, {
      ...options,
      kind,
      sleep: random.pick([0, 0, 0, 0.05, 0.3]),
      size: random.pick([0, 0, 100, 300_000]),
      fresh: random.chance(0.1),
      stream: random.chance(0.2),
      timeoutMs: random.chance(0.05) ? 200 : TIMEOUT_MS,
    });
  }

  async #call(
    module: string,
    fleet: Fleet,
    { kind = module, sleep = 0, size = 0, ...options }: {
      kind?: string;
      sleep?: number;
      size?: number;
      hosts?: string[];
      signal?: AbortSignal;
      fresh?: boolean;
      stream?: boolean;
      timeoutMs?: number;
    },
  ): Promise<RunReport> {
    const id = this.#id();
    const { hosts, signal, ...settings } = options;
    const report = await collect(run(fleet, { module, ...settings }, {
      hosts,
      signal,
      argsFor: (host) => ({ journal: journalOf(host), id, sleep, size }),
    }));
    this.#report(kind, id, report, hosts, ({ result }) => namedIn(result));
    return report;
  }

  async #exec(random: Random, options: RunChoice): Promise<void> {
    const id = this.#id();
    const sleep = random.pick([0, 0, 0.1]);
    const command = `echo "begin ${id}" >>"$FTL_JOURNAL" || exit; ` +
      `sleep ${sleep}; echo "end ${id}" >>"$FTL_JOURNAL" || exit; echo ${id}`;
    const report = await collect(
      exec(this.#fleets.login, command, {
        ...options,
        call: { timeoutMs: TIMEOUT_MS },
      }),
    );
    this.#report("exec", id, report, options.hosts, ({ result }) => {
      const { stdout } = result as { stdout: string };
      return stdout.trim();
    });
  }

  async #push(random: Random, options: RunChoice): Promise<void> {
    const id = this.#id();
    const src = join(this.#options.folder, id);
    const text = `${id}\n`.repeat(random.pick([1, 1, 10, 30_000]));
    await Deno.writeTextFile(src, text);
    try {
      const dest = `~/${random.pick(["box", "tmp"])}/${id}`;
      const args = { src, dest };
      const report = await collect(
        pushFiles(this.#fleets.login, args, {
          ...options,
          call: { timeoutMs: TIMEOUT_MS },
        }),
      );
      const kind = dest.startsWith("~/box") ? `push of ${text.length}` : "push";
      this.#report(kind, id, report, options.hosts);
    } finally {
      await Deno.remove(src);
    }
  }

  async #fetch(options: RunChoice): Promise<void> {
    const id = this.#id();
    const dest = join(this.#options.folder, `got-${id}`);
    const report = await collect(
      fetchFiles(this.#fleets.login, { src: `~/${TOKEN}`, dest }, {
        ...options,
        call: { timeoutMs: TIMEOUT_MS },
      }),
    );
    for (const { host, status } of report.results.values()) {
      if (status !== "ok" && status !== "changed") continue;
      const got = await Deno.readTextFile(join(dest, host, TOKEN))
        .catch((error) => String(error));
      if (got !== `token of ${host}\n`) {
        print({ type: "fault", what: `fetch from ${host} gave ${got}` });
      }
    }
    await Deno.remove(dest, { recursive: true }).catch(() => {});
    this.#report("fetch", id, report, options.hosts);
  }

  async #chain(host: Host, random: Random): Promise<void> {
    const ids = [this.#id(), this.#id(), this.#id()];
    const results = await callChain(this.#fleets.login, host, {
      module: "journal_native",
      ids,
      sleep: random.pick([0, 0.05]),
    });
    for (const { id, status, error } of results) {
      const report = { id, host: host.name, kind: "chain", status, error };
      print({ type: "result", report });
    }
    print({ type: "chain", host: host.name, ids });
  }

  #id(): string {
    return `c${++this.#made}`;
  }

  #report(
    kind: string,
    id: string,
    { results }: RunReport,
    hosts: readonly string[] | undefined,
    named: (result: HostResult) => string | undefined = () => undefined,
  ): void {
    for (const host of hosts ?? this.#hosts.map(({ name }) => name)) {
      const result = results.get(host);
      const isDone = result?.status === "ok" || result?.status === "changed";
      const error = [
        result?.error?.message,
        result?.error?.hint,
        result?.stderr?.trim().split("\n").at(-1),
        isDone ? undefined : messageIn(result?.result),
      ];
      const report: Report = {
        ...{ id, host, kind },
        status: result?.status ?? "lost",
        error: error.filter((text) => text).join("; "),
        named: isDone ? named(result) : undefined,
      };
      print({ type: "result", report });
    }
  }
}

interface RunChoice {
  readonly hosts: readonly string[];
  readonly signal?: AbortSignal;
}

function journalOf(host: Host): string {
  return String(host.vars.journal);
}

function messageIn(result: unknown): string | undefined {
  const { msg } = (result ?? {}) as { msg?: unknown };
  return msg === undefined ? undefined : String(msg);
}

function namedIn(result: unknown): string | undefined {
  const { id } = (result ?? {}) as { id?: unknown };
  return id === undefined ? undefined : String(id);
}

function print(line: ProgramLine): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(line) + "\n"));
}

function printMemory(): void {
  (globalThis as { gc?: () => void }).gc?.();
  const residentKb = Math.round(Deno.memoryUsage().rss / 1024);
  print({ type: "memory", residentKb });
}

async function main(options: ProgramOptions): Promise<void> {
  const hosts = await loadHosts({ inventory: options.inventory });
  const shared = {
    hosts,
    sources: { dirs: options.modules },
    retries: 1,
  };
  const connection = {
    knownHostsFiles: [options.knownHosts],
    sshConfig: "none",
    agentSocket: "",
    connectTimeoutMs: 8_000,
  };
  await using login = await openFleet({ ...shared, connection });
  await using root = await openFleet({
    ...shared,
    connection: { ...connection, become: { enabled: true } },
  });
  const program = new Program(options, hosts, { login, root });
  const timer = setInterval(printMemory, MEMORY_MS);
  untilCalm().then(() => program.calm());
  try {
    await program.run();
  } finally {
    clearInterval(timer);
    printMemory();
  }
}

async function untilCalm(): Promise<void> {
  for await (const _ of Deno.stdin.readable) return;
}

if (import.meta.main) {
  await main(JSON.parse(Deno.args[0]!));
  Deno.exit(0);
}
