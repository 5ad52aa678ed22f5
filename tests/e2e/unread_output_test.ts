// Output that nobody can be shown ends a run, but what it has done stays on record.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount, mainCommand } from "../support/ftl.ts";

const CASES = [
  { to: "| head -c 300", format: "ndjson", code: 141, first: "ok" },
  { to: "| head -n 1", format: "lines", code: 141, first: "ok" },
  // The start of the run is not written either, so that no host is started.
  { to: "> /dev/full", format: "ndjson", code: 74, first: "cancelled" },
];

for (const { to, format, code, first } of CASES) {
  Deno.test(`a run with --format ${format} ${to} writes its files and record`, async () => {
    await using account = await createAccount();
    const { command, env } = mainCommand(account.home);
    const ftl = [
      ...command,
      ...["exec", "-c", "local", "-i", "web[1:8],", "--serial", "1"],
      ...["--format", format, "--output", join(account.home, "out")],
      ...["--report", join(account.home, "report.html")],
      ...["--", "seq 2000; sleep 0.05"],
    ].map((word) => `'${word}'`).join(" ");
    const { stderr } = await new Deno.Command("sh", {
      args: ["-c", `{ ${ftl}; echo "status $?" >&2; } ${to}`],
      env,
    }).output();
    assertStringIncludes(new TextDecoder().decode(stderr), `status ${code}\n`);

    const statuses: string[] = [];
    for (let host = 1; host <= 8; host++) {
      const text = await Deno.readTextFile(
        join(account.home, "out", `web${host}.json`),
      );
      statuses.push(JSON.parse(text).status);
    }
    assertEquals(statuses[0], first);
    assertEquals(statuses.at(-1), "cancelled");
    const page = await Deno.readTextFile(join(account.home, "report.html"));
    assertStringIncludes(page, "cancelled");
    const list = await account.ftl(["runs", "list", "--format", "json"]);
    assertEquals(list.code, 0, list.stderr);
    const [run] = JSON.parse(list.stdout);
    const { ok, cancelled } = run.summary;
    assertEquals(ok + cancelled, 8);
    assertEquals(ok, statuses.filter((status) => status === "ok").length);
  });
}
