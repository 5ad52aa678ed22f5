// Senders that make calls on all hosts, one after the other: runs, shell commands,
// detached runs that are followed, and senders that are interrupted or killed.
import { join } from "@std/path";
import { type Account, readEvents } from "../../../tests/support/ftl.ts";
import type { Report } from "../journal.ts";
import type { Random } from "../../random.ts";
import { signal } from "../processes.ts";

/** How long one call may take, with all that is lost on the way. */
const GUARD_MS = 300_000;
/** How long calls of a sender that is killed would take: they must not end. */
const ENDLESS_S = 150;

const KINDS = [
  ...["module", "module", "module", "exec", "exec"],
  ...["detached", "interrupted", "killed"],
] as const;
type Kind = typeof KINDS[number];

/** What the senders use. */
export interface SenderLanesOptions {
  readonly account: Account;
  readonly inventory: string;
  readonly modules: string;
  readonly hosts: readonly string[];
  /** How many senders there are at a time. */
  readonly lanes: number;
  /** Calls of these kinds. Default: all. */
  readonly kinds?: readonly Kind[];
  readonly random: Random;
}

/** The calls that were made, and what was reported. */
export class SenderLanes {
  readonly reports: Report[] = [];
  readonly faults: string[] = [];
  /** Calls whose sender was killed. */
  readonly killed = new Set<string>();
  /** What senders said beside their results, with how often. */
  readonly said: Record<string, number> = {};
  readonly #options: SenderLanesOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #made = 0;

  constructor(options: SenderLanesOptions) {
    this.#options = options;
    const { lanes, random } = options;
    const all = Array.from(
      { length: lanes },
      (_, i) => this.#lane(random.for(`sender ${i}`)),
    );
    this.#done = Promise.all(all).then(() => {});
  }

  /** Makes no new calls, and waits for those that were made. */
  async finish(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** One call that must succeed on all hosts. */
  async last(): Promise<void> {
    const before = this.reports.length;
    await this.#module(this.#id(), "last", 0);
    for (const { host, status, error } of this.reports.slice(before)) {
      if (status === "ok") continue;
      this.faults.push(`the last call on ${host} is ${status}: ${error}`);
    }
  }

  async #lane(random: Random): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const kind = random.pick(this.#options.kinds ?? KINDS);
      const sleep = random.pick([0, 0, 0.5, 2, 6]);
      await this.#make(kind, { sleep, random });
    }
  }

  async #make(
    kind: Kind,
    { sleep, random }: { sleep: number; random: Random },
  ): Promise<void> {
    const id = this.#id();
    const after = random.int(1_000, 10_000);
    switch (kind) {
      case "module":
        return await this.#module(id, kind, sleep);
      case "exec":
        return await this.#exec(id, sleep);
      case "detached":
        return await this.#detached(id, sleep);
      case "interrupted":
        return await this.#module(id, kind, sleep + 2, {
          signal: "SIGINT",
          after,
        });
      case "killed":
        this.killed.add(id);
        return await this.#module(id, kind, ENDLESS_S, {
          signal: "SIGKILL",
          after,
        });
    }
  }

  #words(id: string, sleep: number): string[] {
    const { inventory, modules } = this.#options;
    return [
      ...["run", "journal_native", "-i", inventory, "-M", modules],
      ...["journal={{ journal }}", `id=${id}`, `sleep=${sleep}`],
      ...["--format", "ndjson"],
    ];
  }

  async #module(
    id: string,
    kind: string,
    sleep: number,
    end?: { signal: "SIGINT" | "SIGKILL"; after: number },
  ): Promise<void> {
    await this.#watch(id, kind, this.#words(id, sleep), end);
  }

  async #exec(id: string, sleep: number): Promise<void> {
    const command = `echo "begin ${id}" >>"$FTL_JOURNAL" || exit; ` +
      `sleep ${sleep}; echo "end ${id}" >>"$FTL_JOURNAL"; echo ${id}`;
    const { inventory } = this.#options;
    await this.#watch(id, "exec", [
      ...["exec", "-i", inventory, "--format", "ndjson", "--", command],
    ]);
  }

  async #detached(id: string, sleep: number): Promise<void> {
    const { account } = this.#options;
    const { code, stdout, stderr } = await account.ftl([
      ...this.#words(id, sleep),
      "--detach",
    ]);
    if (code !== 0) return this.#notSent(id, "detached", stderr);
    await this.#follow(id, "detached", stdout.trim());
  }

  /** Watches a sender to its end, and reads later what it did not live to see. */
  async #watch(
    id: string,
    kind: string,
    words: readonly string[],
    end?: { signal: "SIGINT" | "SIGKILL"; after: number },
  ): Promise<void> {
    const { account } = this.#options;
    const child = account.start(words);
    const stderr = new Response(child.stderr).text();
    const timer = end &&
      setTimeout(() => signal(child.pid, end.signal), end.after);
    const guard = this.#guard(id, kind, child);
    const results = new Map<string, Report>();
    let run: string | undefined;
    let hasEnded = false;
    try {
      for await (const event of readEvents(child.stdout)) {
        if (event.event === "run_start") run = event.run;
        else if (event.event === "run_end") hasEnded = true;
        else if (event.event === "result") this.#add(results, id, kind, event);
      }
    } catch (error) {
      this.faults.push(`${kind} ${id} printed what is not JSON: ${error}`);
    }
    clearTimeout(timer);
    clearTimeout(guard);
    const { code } = await child.status;
    const text = await stderr;
    this.#note(text);
    if (end?.signal === "SIGKILL" && !hasEnded) {
      if (run !== undefined) await this.#follow(id, kind, run);
      return;
    }
    if (run === undefined) {
      if (end !== undefined && code === 130) return; // before it began
      return this.#notSent(id, kind, text);
    }
    if (!hasEnded) {
      this.faults.push(`${kind} ${id} ended with ${code}: ${text}`);
    }
    this.#complete(results, id, kind);
  }

  /** Reads the results of a run that goes on, or went on, without its sender. */
  async #follow(id: string, kind: string, run: string): Promise<void> {
    const { account } = this.#options;
    const results = new Map<string, Report>();
    let text = "";
    // The server may be away when it starts.
    for (let tries = 0; tries < 20; tries++) {
      const child = account.start([
        "runs",
        "follow",
        run,
        "--format",
        "ndjson",
      ]);
      const stderr = new Response(child.stderr).text();
      const guard = this.#guard(id, `${kind}, followed`, child);
      for await (const event of readEvents(child.stdout)) {
        if (event.event !== "result") continue;
        this.#add(results, id, `${kind}, followed`, event);
      }
      clearTimeout(guard);
      await child.status;
      text = await stderr;
      if (results.size > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    this.#note(text);
    this.#complete(results, id, `${kind}, followed`);
  }

  #guard(id: string, kind: string, { pid }: Deno.ChildProcess) {
    return setTimeout(() => {
      this.faults.push(`${kind} ${id} hangs`);
      signal(pid, "SIGKILL");
    }, GUARD_MS);
  }

  // deno-lint-ignore no-explicit-any -- an event of any build
  #add(results: Map<string, Report>, id: string, kind: string, event: any) {
    const { host, status, error, result } = event;
    if (results.has(host)) {
      this.faults.push(`${kind} ${id} has two results on ${host}`);
    }
    const isDone = status === "ok" || status === "changed";
    const named = result?.id ?? result?.stdout?.trim();
    const texts = [error?.message, error?.hint, isDone ? "" : result?.msg];
    results.set(host, {
      ...{ id, host, kind, status },
      error: texts.filter((text) => text).join("; "),
      named: isDone ? named : undefined,
    });
  }

  #complete(
    results: ReadonlyMap<string, Report>,
    id: string,
    kind: string,
  ): void {
    for (const host of this.#options.hosts) {
      const lost: Report = { id, host, kind, status: "lost", error: "" };
      this.reports.push(results.get(host) ?? lost);
    }
  }

  /** It says that nothing was run. */
  #notSent(id: string, kind: string, stderr: string): void {
    if (!/^ftl: Cannot/m.test(stderr)) {
      this.faults.push(`${kind} ${id} printed: ${stderr}`);
    }
    for (const host of this.#options.hosts) {
      const error = "not sent: it was not started";
      this.reports.push({ id, host, kind, status: "cancelled", error });
    }
  }

  #note(stderr: string): void {
    for (const line of stderr.split("\n")) {
      if (line === "") continue;
      const text = line.replaceAll(/\b(?:paris|oslo|lima)-h\d+/g, "HOST")
        .replaceAll(/\d+/g, "N").replaceAll(/HOST(?:, HOST)+/g, "HOSTS");
      this.said[text] = (this.said[text] ?? 0) + 1;
    }
  }

  #id(): string {
    return `n${++this.#made}`;
  }
}

/** The folder of modules that keep the journal. */
export const JOURNAL_MODULES = join(import.meta.dirname!, "../modules");
