import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { GateStatus } from "../../../src/console/session/gate_status.ts";
import { Executor } from "../../../src/console/session/executor.ts";
import {
  linesOf,
  takeLines,
} from "../../../src/console/session/line_script.ts";
import type { Summary } from "../../../src/core/call/call.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import type { HostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { BuildError, InventoryError } from "../../../src/errors.ts";
import type { Host, Inventory } from "../../../src/inventory/inventory.ts";
import { Site } from "../../core/local_fleet.ts";

const never = new AbortController().signal;

/** A session on three hosts of this machine; its output is collected. */
class Play {
  readonly said: string[] = [];
  readonly shown: RunEvent[][] = [];
  readonly files = new Map<string, string>();
  readonly gates: GateStatus;
  readonly performer: Executor;

  private constructor(inventory: Inventory, fleet: HostFleet) {
    this.gates = new GateStatus(fleet);
    this.performer = new Executor({
      inventory,
      fleet,
      gates: this.gates,
      session: {
        pattern: "all",
        hosts: fleet.hosts.map(({ name }) => name),
        settings: { format: "text", fanout: 500 },
      },
      call: {},
      keepInvocation: false,
      opensAhead: false,
      readText: (path) => Promise.resolve(this.files.get(path)!),
      readReferences: () => Promise.resolve(new Map()),
      writeNew: (path, text) => {
        this.files.set(path, text);
        return Promise.resolve();
      },
      echo: (line) => this.said.push(`> ${line}`),
      onStop: (place) => this.said.push(`stopped at ${place}`),
      say: (text) => this.said.push(text),
      mayRunOn: (count, confirm) =>
        Promise.resolve(confirm === undefined || count <= confirm),
      show: (start, { signal }) => this.#show(start(signal)),
      document: async (events) =>
        JSON.stringify(await Array.fromAsync(events, ({ event }) => event)),
      feed: (command, text) => {
        this.said.push(`${command} < ${text}`);
        return Promise.resolve();
      },
      page: (text) => Promise.resolve(void this.said.push(`paged: ${text}`)),
      documentation: (module) => Promise.resolve(`about ${module}\n`),
    });
  }

  /** Starts with three hosts; `others` can be chosen too. */
  static async begin(site: Site, others: readonly Host[] = []): Promise<Play> {
    const hosts = await site.hosts(3);
    const inventory = {
      hosts: new Map([...hosts, ...others].map((host) => [host.name, host])),
      groups: new Map(),
    };
    return new Play(inventory, await site.open(hosts));
  }

  take(line: string) {
    return this.performer.take(line, never);
  }

  async #show(events: AsyncIterable<RunEvent>): Promise<Summary> {
    const seen = await Array.fromAsync(events);
    this.shown.push(seen);
    const end = seen.at(-1);
    assert(end?.event === "run_end");
    return end.summary;
  }
}

Deno.test("a call runs on the chosen hosts, on gates that stay open", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  const first = await play.take("gate");
  assertEquals(first.summary?.ok, 3);
  await play.take(":use h1,h2");
  await play.take("gate");
  const pids = (run: RunEvent[] | undefined) =>
    run?.flatMap((event) =>
      event.event === "result" && event.host === "h2" ? [event.result] : []
    );
  assertEquals(pids(play.shown[1]), pids(play.shown[0]));
  assertEquals(play.shown[1]?.filter((e) => e.event === "result").length, 2);
});

Deno.test("gates are tracked as they open, serve calls, are lost and open again", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  const lost = Promise.withResolvers<string>();
  play.gates.listeners = { onLost: (host) => lost.resolve(host) };
  const { hosts } = play.performer.session;
  assertEquals(play.gates.countOpen(hosts), 0);
  await play.take(":open");
  assertEquals(play.gates.countOpen(hosts), 3);
  await play.take(":use h2");
  await play.take("kill_gate");
  assertEquals(await lost.promise, "h2");
  assertEquals(play.gates.states.get("h2")?.state, "lost");
  assertEquals(play.gates.countOpen(hosts), 2);
  await play.take(":retry");
  assertEquals(play.gates.countOpen(hosts), 3);
  await play.take("echo");
  assertEquals(play.gates.states.get("h2")?.calls, 1);
});

Deno.test(":close closes gates without losing them, and a call opens them again", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  const lost: string[] = [];
  play.gates.listeners = { onLost: (host) => lost.push(host) };
  await play.take("echo");
  await play.take(":close h1");
  assertEquals(play.gates.states.get("h1")?.state, "closed");
  assertEquals((await play.take("echo")).summary?.ok, 3);
  assertEquals(play.gates.states.get("h1")?.state, "open");
  assertEquals(lost, []);
});

Deno.test("the reason is reported when a gate does not open", async () => {
  await using site = await Site.make();
  const bad = await site.host("bad", {
    ansible_python_interpreter: "/no/python",
  });
  const play = await Play.begin(site, [bad]);
  const failed = Promise.withResolvers<string>();
  play.gates.listeners = {
    onFailed: (host, reason) => failed.resolve(`${host}: ${reason}`),
  };
  await play.take(":use bad");
  await play.take(":open");
  assertEquals(play.gates.states.get("bad")?.state, "failed");
  assertMatch(await failed.promise, /^bad: .*Python/);
});

Deno.test("the last call is available to :failed and @last", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  await play.take("!case $0 in *) exit 3 ;; esac");
  await play.take(":failed");
  const again = play.shown[1];
  assertEquals(again?.filter((e) => e.event === "result").length, 3);
  await play.take(":use @last:failed");
  assertEquals(play.performer.session.hosts.length, 3);
});

Deno.test("settings apply to later calls", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  await play.take(":check on");
  await play.take("changes");
  const result = play.shown[0]?.find((event) => event.event === "result");
  assert(result?.event === "result");
  assertEquals(result.result, { changed: true, check: true });
});

Deno.test("a line with a secret is neither kept nor saved", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  assertEquals((await play.take("echo a=b")).mayKeep, true);
  assertEquals((await play.take("echo password=hunter22")).mayKeep, false);
  await play.take(":use h1");
  await play.take(":hosts");
  await play.take(":save out.txt");
  assertEquals(play.files.get("out.txt"), "echo a=b\n:use h1\n");
  assertEquals(play.said.at(-1), "Saved 2 lines to out.txt\n");
});

Deno.test(":source runs a file's lines, and stops at the first that fails", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  play.files.set("lines", ":use h1\necho\n!exit 1\necho\n");
  const outcome = await play.take(":source lines");
  assertEquals(play.shown.length, 2);
  assertEquals([outcome.summary?.ok, outcome.summary?.failed], [1, 1]);
  assertEquals(play.said, [
    "> :use h1",
    "> echo",
    "> !exit 1",
    "stopped at lines:3",
  ]);
});

Deno.test(":source refuses files that source each other in a circle", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  play.files.set("a", ":source a\n");
  await assertRejects(
    () => play.take(":source a"),
    SyntaxError,
    "files source each other in a circle",
  );
});

Deno.test("a host with invalid variables is not chosen", async () => {
  await using site = await Site.make();
  const bad = await site.host("bad", { ansible_connection: "telnet" });
  const play = await Play.begin(site, [bad]);
  await assertRejects(() => play.take(":use bad"), InventoryError, "telnet");
  assertEquals(play.performer.session.pattern, "all");
});

Deno.test(":quit ends a script", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  const outcome = await takeLines(linesOf("echo\n:quit\necho\n"), {
    name: "s",
    keepGoing: false,
    signal: never,
    take: (line) => play.take(line),
  });
  assertEquals([outcome.hasQuit, play.shown.length], [true, 1]);
});

Deno.test("a line whose module does not exist is not judged by its arguments", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  const hintOf = async (line: string, message: string) => {
    const error = await assertRejects(
      () => play.take(line),
      BuildError,
      message,
    );
    return error.hint?.split("\n").at(-1)?.trim();
  };
  assertEquals(
    await hintOf("systemctl status nginx", "Cannot find module systemctl"),
    "Put ! before a shell command: !systemctl status nginx",
  );
  assertEquals(
    await hintOf("cd h1", "Cannot find module cd"),
    "Put a colon before a command of the console: :use h1",
  );
  assertEquals(
    await hintOf("echo -n x", 'Cannot read the argument "-n"'),
    "Put ! before a shell command: !echo -n x",
  );
});

Deno.test("a call on more hosts than :confirm allows needs a yes", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  await play.take(":confirm 2");
  assertEquals((await play.take("echo")).summary, undefined);
  assertEquals(play.said, ["Nothing was run\n"]);
  assertEquals(play.shown.length, 0);
  await play.take(":drop h1");
  assertEquals((await play.take("echo")).summary?.ok, 2);
});

Deno.test("the last results go to a command, or to a file", async () => {
  await using site = await Site.make();
  const play = await Play.begin(site);
  await play.take("!echo hi");
  await play.take(":last h1 rc | wc -l");
  assertEquals(play.said, ['wc -l < {\n  "h1": 0\n}\n']);
  await play.take(":last h2 > out.json");
  assertEquals(
    play.files.get("out.json"),
    '["run_start","result","run_end"]',
  );
});
