// What docs/scale.md says that a NATS server must allow is enough, is needed, and is
// named when it is missing.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CALLS } from "../../src/core/nats/server/nats_subjects.ts";
import { openNats } from "../../src/core/nats/server/nats_link.ts";
import {
  type NatsAccounts,
  pinWorker,
  testNats,
} from "../support/nats_accounts.ts";

const DOCS = Deno.readTextFileSync(
  new URL("../../docs/scale.md", import.meta.url),
);
const SETTINGS = /```\n(authorization \{\n[^]*?\n\})\n```/.exec(DOCS)![1]!;
const PASSWORD = "of-this-test";

/** Registers a test on a server with these settings. */
function test(
  name: string,
  settings: string,
  fn: (lab: NatsAccounts, url: (user: string) => string) => Promise<void>,
): void {
  const server = {
    settings: [settings, "trace: true", "max_traced_msg_len: 1"],
    wrapper: [
      "env",
      `SENDER_PASSWORD=${PASSWORD}`,
      `WORKER_PASSWORD=${PASSWORD}`,
    ],
  };
  testNats(name, { hosts: 2, server }, (lab) => {
    const { port } = lab.hosts.lab.server;
    return fn(lab, (user) => `nats://${user}:${PASSWORD}@127.0.0.1:${port}`);
  });
}

/** The settings without some subjects. */
function without(...subjects: string[]): string {
  return subjects.reduce((text, subject) => {
    assertStringIncludes(text, `"${subject}"`);
    return text.replaceAll(`"${subject}"`, '"ftl.nothing"');
  }, SETTINGS);
}

test(
  "the permissions of docs/scale.md are enough",
  SETTINGS,
  async (lab, url) => {
    const { hosts, sender } = lab;
    const nats = ["--nats", url("sender")];
    const on = lab.on.slice(0, 2); // without modules
    await pinWorker(lab);
    await lab.start("--name", "w1", "--nats", url("worker"));
    const ftl = async (...args: string[]) => {
      const { code, stdout, stderr } = await sender.ftl(args);
      assertEquals(
        [code, stderr.includes("does not allow")],
        [0, false],
        stderr,
      );
      return stdout;
    };
    const list = await ftl("worker", "--list", ...nats);
    assertStringIncludes(list, "w1");
    await ftl("run", "echo", "a=1", ...lab.on, ...nats);
    // Larger than a message, both ways.
    const file = join(sender.home, "file");
    await Deno.writeFile(file, crypto.getRandomValues(new Uint8Array(60_000)));
    const big = join(sender.home, "big");
    await Deno.writeFile(big, new Uint8Array(6 << 20));
    const dest = join(hosts.folder, "pushed");
    for (const source of [file, big]) {
      await ftl("push", source, dest, ...on, ...nats);
    }
    await ftl("fetch", dest, join(sender.home, "fetched/"), ...on, ...nats);
    const command = "head -c 2000000 /dev/urandom | od";
    await ftl("exec", ...on, ...nats, "--", command);
    const detached = await ftl("run", "echo", "--detach", ...lab.on, ...nats);
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(detached)![0];
    await ftl("runs", "follow", id, ...nats);

    // A queue that is gone is made again, by the worker.
    const link = await openNats({ url: url("worker"), name: "w2" });
    await link.admin.consumers.delete(CALLS, "site__any");
    await link.close();
    await ftl("run", "echo", ...lab.on, ...nats);

    const wait = await hosts.hold();
    const { args } = hosts.noteCall(wait);
    const words = Object.entries(args).map(([name, value]) =>
      `${name}=${value}`
    );
    const held = await ftl(
      ...["run", "note", ...words, "--detach", ...lab.on, ...nats],
    );
    await hosts.untilLines("begin", 2);
    const run = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(held)![0];
    const cancelled = await sender.ftl(["runs", "cancel", run, ...nats]);
    assertStringIncludes(cancelled.stdout, "2 cancelled");
    const log = hosts.lab.server.log();
    assertEquals(log.match(/.* Violation .*/g), null);
    assertEquals(unused(log).filter((each) => !RARE.includes(each)), []);
  },
);

/**
 * Used when streams are missing, a worker is lost, a call is held up, a result fits in
 * no message, or something takes long.
 */
const RARE = [
  ...["ftl_calls", "ftl_events"]
    .map((stream) => `SENDER PUB $JS.API.STREAM.CREATE.${stream}`),
  "SENDER PUB $JS.API.STREAM.PURGE.ftl_calls",
  "SENDER PUB $JS.FC.OBJ_ftl_files.>",
  "WORKER PUB $JS.API.STREAM.CREATE.OBJ_ftl_files",
  "WORKER PUB $JS.API.STREAM.MSG.GET.ftl_calls",
  "WORKER PUB $JS.API.STREAM.MSG.GET.ftl_events",
  "WORKER PUB $JS.API.STREAM.PURGE.OBJ_ftl_files",
  "WORKER PUB $JS.FC.OBJ_ftl_files.>",
  "WORKER PUB ftl.beats.*",
  "WORKER PUB ftl.workers.*",
];

/** What the settings allow and nobody has used, as `user operation subject`. */
function unused(log: string): string[] {
  const used = log.matchAll(
    /"[^"]*:(ftl worker|ftl|w2)[^"]*" - <<- \[H?(PUB|SUB) (\S+)/g,
  );
  const seen = new Set<string>();
  for (const [, name, operation, subject] of used) {
    if (subject!.includes("ftl_probe")) continue;
    const user = name === "ftl" ? "SENDER" : "WORKER";
    seen.add(`${user} ${operation} ${subject}`);
  }
  const left: string[] = [];
  for (const user of ["SENDER", "WORKER"]) {
    const [, publish = "", subscribe = ""] = new RegExp(
      `${user} = \\{\\s+publish = \\[([^\\]]*)\\]\\s+subscribe = \\[([^\\]]*)\\]`,
    ).exec(SETTINGS)!;
    for (const [operation, text] of [["PUB", publish], ["SUB", subscribe]]) {
      for (const [, pattern] of text!.matchAll(/"([^"]+)"/g)) {
        const matches = new RegExp(
          `^${user} ${operation} ${
            pattern!.replaceAll(/[.$]/g, "\\$&").replace("*", "[^.]+")
              .replace(">", ".+")
          }$`,
        );
        if (![...seen].some((each) => matches.test(each))) {
          left.push(`${user} ${operation} ${pattern}`);
        }
      }
    }
  }
  return left;
}

test(
  "a worker names all that the server does not allow, and ends",
  without(
    ...["$JS.API.CONSUMER.DELETE.ftl_calls.*", "ftl.beats.*", "ftl.workers"],
  ),
  async ({ worker }, url) => {
    const { code, stderr } = await worker.ftl(
      ["worker", "--allow", "any", "--nats", url("worker")],
    );
    assertEquals(code, 1, stderr);
    assertStringIncludes(
      stderr,
      "the server does not allow this account to publish to $JS.API.CONSUMER.DELETE.ftl_calls.*, ftl.beats.*, or to subscribe to ftl.workers",
    );
    assertStringIncludes(stderr, "docs/scale.md");
    assert(!stderr.includes(PASSWORD));
  },
);

test(
  "commands of a sender name what the server does not allow, and send nothing",
  without("ftl.workers", "$JS.API.STREAM.MSG.GET.ftl_events"),
  async ({ sender, on }, url) => {
    const id = crypto.randomUUID();
    for (
      const args of [["run", "echo", ...on], ["runs", "follow", id], [
        ...["runs", "cancel", id],
      ]]
    ) {
      const { code, stdout, stderr } = await sender.ftl(
        [...args, "--nats", url("sender")],
      );
      assertEquals([code > 0, stdout], [true, ""], stderr);
      assertStringIncludes(
        stderr,
        "this account to publish to $JS.API.STREAM.MSG.GET.ftl_events, ftl.workers\n",
      );
    }
    const list = await sender.ftl(
      ["worker", "--list", "--nats", url("sender")],
    );
    assertEquals(list.code, 1, list.stderr);
    assertStringIncludes(list.stderr, "to publish to ftl.workers\n");
  },
);

test(
  "a stream that must not be made is named",
  without("$JS.API.STREAM.CREATE.ftl_events"),
  async ({ sender, on }, url) => {
    const { code, stderr } = await sender.ftl(
      ["run", "echo", ...on, "--nats", url("sender")],
    );
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "Cannot make the stream ftl_events on ");
    assertStringIncludes(
      stderr,
      "to publish to $JS.API.STREAM.CREATE.ftl_events\n",
    );
  },
);
