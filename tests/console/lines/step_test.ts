import { assert, assertEquals, assertThrows } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import {
  patternNamedBy,
  referencesNamedBy,
  step,
} from "../../../src/console/lines/step.ts";
import type { Effect, Session } from "../../../src/console/lines/session.ts";
import { lastRun, session, world } from "../world.ts";

/** Runs lines one after the other. */
function after(...lines: string[]): Session {
  return lines.reduce(
    (current, line) => step(current, line, world()).session,
    session,
  );
}

function effectsOf(line: string, from = session, at = world()) {
  return step(from, line, at).effects;
}

function textOf(effects: readonly Effect[]): string {
  const [effect] = effects;
  assert(effect?.do === "say" || effect?.do === "page");
  return effect.text;
}

Deno.test("a module call and a shell command keep their text as written", () => {
  assertEquals(effectsOf("service name='a b'"), [
    { do: "call", module: "service", text: "name='a b'" },
  ]);
  assertEquals(effectsOf("!uptime | wc"), [
    { do: "exec", command: "uptime | wc" },
  ]);
  assertEquals(effectsOf("# nothing"), []);
});

Deno.test(":use chooses hosts and starts to open their gates", () => {
  const next = step(session, ":use db", world());
  assertEquals(next.session.pattern, "db");
  assertEquals(next.session.hosts, ["db1", "db2"]);
  assertEquals(next.effects, [
    { do: "open", hosts: ["db1", "db2"], wait: false },
  ]);
  assertEquals(after(":use").hosts.length, 6);
});

Deno.test(":use changes nothing when no host matches", () => {
  const error = assertThrows(
    () => step(session, ":use wbe", world()),
    InventoryError,
  );
  assertEquals(error.hint, "Did you mean web?");
});

Deno.test(":add and :drop change the chosen hosts", () => {
  assertEquals(after(":add db1").hosts, [
    "web1",
    "web2",
    "web3",
    "web4",
    "db1",
  ]);
  assertEquals(after(":add db1").pattern, "web,db1");
  const back = after(":drop web2", ":add web2");
  assertEquals(back.hosts, ["web1", "web2", "web3", "web4"]);
  assertEquals(back.pattern, "web[1-4]");
  assertThrows(() => after(":drop web"), SyntaxError, "no host would remain");
  assertThrows(() => after(":drop db1"), SyntaxError, "it is not chosen");
});

Deno.test(":become sets the user of later calls, and opens gates for that user", () => {
  const { session: next, effects } = step(session, ":become ann", world());
  assertEquals(next.settings.become, { enabled: true, user: "ann" });
  assertEquals(effects, [
    { do: "become", become: { enabled: true, user: "ann" } },
    { do: "open", hosts: session.hosts, wait: false },
  ]);
  assertEquals(after(":become on").settings.become, { enabled: true });
  assertEquals(after(":become off").settings.become, { enabled: false });
  assertThrows(() => after(":become ann bob"), SyntaxError);
});

Deno.test("a pattern can name files and earlier runs", () => {
  const named = (line: string) => referencesNamedBy(session, line);
  assertEquals(named(":use @list.txt:!web2"), ["list.txt"]);
  assertEquals(named(":us @last:failed"), ["last:failed"]);
  assertEquals(named("copy @list.txt"), []);
  const called = { ...session, last: lastRun({ web1: "ok" }) };
  assertEquals(referencesNamedBy(called, ":use @last:failed,@x"), ["x"]);
  const at = world({}, { "list.txt": ["web3", "db1"] });
  assertEquals(step(session, ":use @list.txt", at).session.hosts, [
    "web3",
    "db1",
  ]);
});

Deno.test("@last:STATUS chooses hosts of the last call by status", () => {
  const last = lastRun({ web1: "ok", web2: "failed", web3: "unreachable" });
  const called = { ...session, last };
  const hosts = (line: string) => step(called, line, world()).session.hosts;
  assertEquals(hosts(":use @last:failed"), ["web2"]);
  assertEquals(hosts(":use @last:failed,@last:unreachable"), ["web2", "web3"]);
  assertEquals(hosts(":use @last:!@last:ok"), ["web2", "web3"]);
  const refused = (line: string) =>
    assertThrows(() => hosts(line), InventoryError);
  const none = refused(":use @last:changed");
  assertEquals(
    [none.message, none.hint],
    [
      "Cannot choose hosts by @last:changed: no host of the last call has this " +
      "status",
      "Its hosts include @last:failed (1), @last:unreachable (1)",
    ],
  );
  assertEquals(
    refused(":use @last:faild").hint,
    "Use one of ok, changed, skipped, failed, timed_out, unreachable, cancelled",
  );
  assertThrows(
    () => effectsOf(":use @last:failed"),
    InventoryError,
    "@last:failed is unknown",
  );
});

Deno.test(":open waits for gates, :close closes them, :retry reopens lost ones", () => {
  assertEquals(effectsOf(":open web1"), [
    { do: "open", hosts: ["web1"], wait: true },
  ]);
  assertEquals(effectsOf(":close"), [{ do: "close", hosts: session.hosts }]);
  const at = world({
    web1: { state: "open", calls: 1 },
    web2: { state: "lost", calls: 1, reason: "gone" },
    web4: { state: "failed", calls: 0, reason: "refused" },
  });
  assertEquals(effectsOf(":retry", session, at), [
    { do: "open", hosts: ["web2", "web4"], wait: true },
  ]);
  assertEquals(
    textOf(effectsOf(":retry")),
    "Nothing to retry: no gate was lost or failed to open\n",
  );
});

Deno.test(":failed shows only the failures of the last call, with their summary", () => {
  const last = lastRun({ web1: "ok", web2: "failed", web3: "timed_out" });
  const [effect] = effectsOf(":failed", { ...session, last });
  assert(effect?.do === "show");
  const [start, ...rest] = effect.events;
  assert(start?.event === "run_start");
  assertEquals(start.hosts, ["web2", "web3"]);
  const end = rest.at(-1);
  assert(end?.event === "run_end");
  assertEquals(
    [end.summary.hosts, end.summary.failed, end.summary.timed_out],
    [2, 1, 1],
  );
});

Deno.test(":last shows a list of jobs as one again", () => {
  const last = { ...lastRun({ web1: "ok" }), listsJobs: true };
  const shown = (line: string) =>
    effectsOf(line, { ...session, last }).map((effect) =>
      effect.do === "show" && effect.listsJobs === true
    );
  assertEquals(shown(":last"), [true]);
  assertEquals(shown(":compare"), [false]);
});

Deno.test(":failed, :changed and :last report when there is nothing to show", () => {
  assertEquals(textOf(effectsOf(":last")), "No call has been made yet\n");
  const called = { ...session, last: lastRun({ web1: "ok" }) };
  assertEquals(
    textOf(effectsOf(":failed", called)),
    "No host failed in the last call\n",
  );
  assertEquals(
    textOf(effectsOf(":changed", called)),
    "The last call changed nothing\n",
  );
});

Deno.test("a switch takes on or off, and shows its value without either", () => {
  assertEquals(after(":check on").settings.check, true);
  assertEquals(after(":check on", ":check off").settings.check, false);
  assertEquals(textOf(effectsOf(":diff")), "diff is off\n");
  assertThrows(() => after(":stream maybe"), SyntaxError, "on or off");
});

Deno.test(":timeout, :fanout and :format apply to later calls", () => {
  assertEquals(after(":timeout 2m").settings.timeoutMs, 120_000);
  assertThrows(() => after(":timeout soon"), SyntaxError, "is not a duration");
  assertEquals(effectsOf(":fanout 10"), [{ do: "fanout", hosts: 10 }]);
  assertThrows(() => after(":fanout 0"), SyntaxError);
  const table = after(":format table host,rc").settings;
  assertEquals(table.format, "table");
  assertEquals(table.columns, ["host", "rc"]);
  assertEquals(after(":format table host", ":format json").settings, {
    format: "json",
    fanout: 500,
  });
  assertThrows(() => after(":format xml"), SyntaxError, "Unknown format");
});

Deno.test(":gates explains why gates close when more hosts are chosen than may be open", () => {
  const { hosts } = session;
  const gates = (from: Session) => textOf(effectsOf(":gates", from));
  assert(!gates(session).includes(":fanout"));
  const text = gates(after(`:fanout ${hosts.length - 1}`));
  assert(
    text.endsWith(`to make room. :fanout ${hosts.length} keeps all open\n`),
    text,
  );
});

Deno.test(":gates folds hosts whose gates have the same state", () => {
  const open = {
    state: "open" as const,
    python: "3.11.2",
    openedAt: 1_000_000 - 125_000,
    calls: 3,
  };
  const at = world({
    web1: open,
    web2: { ...open, openedAt: open.openedAt - 900 },
    web3: { state: "lost", calls: 3, reason: "gone\x1b[2J" },
  });
  assertEquals(
    textOf(effectsOf(":gates", session, at)),
    "HOSTS         PYTHON  AGE    CALLS  STATE\n" +
      "web[1-2] (2)  3.11.2  2 min  3      open\n" +
      "web3          -       -      3      lost (gone\\x1b[2J)\n" +
      "web4          -       -      0      closed\n",
  );
});

Deno.test(":hosts lists hosts by state", () => {
  const at = world({ web1: { state: "open", calls: 0 } });
  assertEquals(
    textOf(effectsOf(":hosts", session, at)),
    "4 hosts\n  1 open: web1\n  3 closed: web[2-4]\n",
  );
});

Deno.test(":vars masks variables that are named like passwords", () => {
  assertEquals(
    textOf(effectsOf(":vars web1")),
    "web1, groups: web\n  app_password: ********\n  port: 80\n",
  );
  assertThrows(() => effectsOf(":vars nobody"), SyntaxError, "no such host");
});

Deno.test(":help lists every command, or explains one", () => {
  const text = textOf(effectsOf(":help"));
  assert(text.includes("  :gates "));
  assert(text.split("\n").every((line) => line.length <= 80));
  assertEquals(
    textOf(effectsOf(":help :retry")),
    ":retry\n  open the gates that were lost or failed to open\n",
  );
});

Deno.test(":background makes jobs of modules, and :jobs asks about them", () => {
  const { settings } = step(session, ":background 1h", world()).session;
  assertEquals(settings.backgroundMs, 3_600_000);
  const on = { ...session, settings };
  assertEquals(
    textOf(step(on, ":background", world()).effects),
    "Modules run as jobs of 3600 s at most\n",
  );
  const off = step(on, ":background off", world()).session;
  assertEquals(off.settings.backgroundMs, undefined);
  for (
    const [line, text] of [
      [":jobs", "mode=list"],
      [":jobs j12", "mode=status jid=j12 known=false"],
      [":jobs wait j12.7", "mode=wait jid=j12.7 known=false"],
      [":jobs cancel j12", "mode=cancel jid=j12 known=false"],
    ]
  ) {
    assertEquals(effectsOf(line!), [
      {
        ...{ do: "call", module: "async_status", text: text! },
        listsJobs: text === "mode=list",
      },
    ]);
  }
  for (const line of [":jobs cancel", ":jobs end j1", ":jobs wait j1 j2"]) {
    assertThrows(() => effectsOf(line), SyntaxError, ":jobs ");
  }
});

Deno.test("the pattern of a line may have expressions, which are decided before", () => {
  assertEquals(patternNamedBy(":use web:&{port == 80}"), "web:&{port == 80}");
  assertEquals(patternNamedBy(":gates"), "");
  assertEquals(patternNamedBy("command uptime"), "");
  const decided = {
    ...world(),
    expressions: new Map([["{port == 80}", new Set(["web2"])]]),
  };
  const { hosts } = step(session, ":use web:&{port == 80}", decided).session;
  assertEquals(hosts, ["web2"]);
});

Deno.test("a command reports that its operand is missing", () => {
  assertThrows(() => effectsOf(":source"), SyntaxError, ":source needs a file");
  assertThrows(() => effectsOf(":doc"), SyntaxError, ":doc needs a module");
});

Deno.test("--limit bounds what a session can choose", () => {
  const limited = {
    ...world(),
    limit: { pattern: "db", hosts: new Set(["db1", "db2"]) },
  };
  const all = step(session, ":use", limited).session;
  assertEquals([all.pattern, all.hosts], ["db", ["db1", "db2"]]);
  assertEquals(step(session, ":use all", limited).session.hosts, all.hosts);
  assertThrows(
    () => step(all, ":add web1", limited),
    SyntaxError,
    "Cannot choose hosts by web1: --limit db has none of them",
  );
});

Deno.test(":confirm sets how many hosts are asked about", () => {
  assertEquals(after(":confirm 5").settings.confirm, 5);
  assertEquals(after(":confirm 0").settings.confirm, 0);
  assertEquals(after(":confirm 5", ":confirm off").settings.confirm, undefined);
  assertEquals(
    textOf(effectsOf(":confirm", after(":confirm 5"))),
    "Calls on more than 5 hosts are asked about\n",
  );
  assertThrows(() => after(":confirm many"), SyntaxError);
});

Deno.test("the prompt shows the hosts that a position chooses", () => {
  assertEquals(after(":use web[1]").pattern, "web2");
  assertEquals(after(":use web[1:2]").pattern, "web[2-3]");
  assertEquals(after(":use web[1-2]").pattern, "web[1-2]");
  assertEquals(after(":drop web[0]").pattern, "web[2-4]");
});

Deno.test(":hosts shows a reason with the host's name in it as it is", () => {
  const at = world({
    web1: { state: "failed", calls: 0, reason: "web1 refused it" },
    web2: { state: "failed", calls: 0, reason: "web2 has no Python" },
    web3: { state: "failed", calls: 0, reason: "web3 has no Python" },
  });
  assertEquals(
    textOf(effectsOf(":hosts", session, at)),
    "4 hosts\n" +
      "  1 failed to open: web1\n    web1 refused it\n" +
      "  2 failed to open: web[2-3]\n    HOST has no Python\n" +
      "  1 closed: web4\n",
  );
  const [, row] = textOf(effectsOf(":gates", session, at)).split("\n");
  assert(row?.endsWith("failed to open (web1 refused it)"));
});

/** A session whose last call printed these values of `n`. */
function withResults(values: Record<string, number>): Session {
  const last = lastRun(
    Object.fromEntries(Object.keys(values).map((host) => [host, "ok"])),
  );
  const results = new Map(
    [...last.results].map(([host, result]) => [
      host,
      { ...result, result: { n: values[host]! } },
    ]),
  );
  return { ...session, last: { ...last, results } };
}

Deno.test(":last shows some results, or a value of each", () => {
  const called = withResults({ web1: 1, web2: 2, web3: 1 });
  const [effect] = effectsOf(":last web2", called);
  assert(effect?.do === "show" && effect.whole);
  assertEquals(
    effect.events.flatMap((e) => e.event === "result" ? [e.host] : []),
    ["web2"],
  );
  assertEquals(
    textOf(effectsOf(":last n", called)),
    "web[1,3] (2): 1\nweb2: 2\n",
  );
  assertEquals(textOf(effectsOf(":last web3 n", called)), "web3: 1\n");
  assertEquals(textOf(effectsOf(":last web2 status", called)), "web2: ok\n");
  assertThrows(
    () => effectsOf(":last db n", called),
    SyntaxError,
    "Cannot show db: the last call ran elsewhere",
  );
});

Deno.test(":last gives JSON to a command or a file", () => {
  const called = withResults({ web1: 1, web2: 2 });
  assertEquals(effectsOf(":last n | jq '.web1 | length' > x", called), [{
    do: "give",
    content: '{\n  "web1": 1,\n  "web2": 2\n}\n',
    to: { command: "jq '.web1 | length' > x" },
  }]);
  const [effect] = effectsOf(":last web1 > out.json", called);
  assert(effect?.do === "give" && typeof effect.content !== "string");
  assertEquals(effect.to, { file: "out.json" });
  assertEquals(effectsOf(":last|wc", called).length, 1);
  assertThrows(() => effectsOf(":last |", called), SyntaxError);
  assertThrows(() => effectsOf(":last a b c", called), SyntaxError);
});

Deno.test(":compare shows how the last results differ", () => {
  const called = withResults({ web1: 1, web2: 2 });
  const [effect] = effectsOf(":compare", called);
  assert(effect?.do === "show" && effect.compares);
});
