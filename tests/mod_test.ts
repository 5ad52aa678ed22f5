// The library's face, used as its documentation shows it.
import { assert, assertEquals } from "@std/assert";
import {
  collect,
  loadHosts,
  openFleet,
  ref,
  run,
  runModule,
} from "../src/mod.ts";
import { Site } from "./core/local_fleet.ts";

Deno.test("runModule() runs one module on the hosts of an inventory", async () => {
  await using site = await Site.make();
  const [a, b] = [await site.host("a"), await site.host("b")];
  const inventory = await site.write(
    "hosts.yml",
    JSON.stringify({ all: { hosts: { a: a.vars, b: b.vars } } }),
  );
  const report = await runModule("echo", {
    inventory,
    pattern: "b",
    sources: { dirs: [site.modules] },
    args: { python: ref("ansible_python_interpreter") },
    call: { timeoutMs: 60_000 },
  });
  assertEquals(report.summary.ok, 1);
  assertEquals(report.results.get("b")!.result, {
    args: { python: b.vars.ansible_python_interpreter as string },
  });
});

Deno.test("calls on an open fleet reuse its gates", async () => {
  await using site = await Site.make();
  const { vars } = await site.host("a");
  const inventory = await site.write(
    "hosts.yml",
    JSON.stringify({ all: { hosts: { a: vars } } }),
  );
  const hosts = await loadHosts({ inventory });
  await using fleet = await openFleet({
    hosts,
    sources: { dirs: [site.modules] },
  });
  const call = { module: "gate", args: {} };
  const first = await collect(run(fleet, call));
  const second = await collect(run(fleet, call));
  assert(first.results.get("a")!.result !== null);
  assertEquals(second.results.get("a")!.result, first.results.get("a")!.result);
});
