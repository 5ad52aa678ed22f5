// Twelve hosts that print thirty megabytes each: what a run holds is bounded, and
// every format says what was left out.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createAccount, mainCommand } from "../support/ftl.ts";

const HOSTS = Array.from({ length: 12 }, (_, i) => `a${i}`).join(",") + ",";

Deno.test("a run on hosts that print much takes little memory", async () => {
  await using account = await createAccount();
  const { command, env } = mainCommand(account.home);
  const ftl = [
    ...command,
    ...["exec", "-c", "local", "-i", HOSTS, "--format", "json"],
    ...["--", "yes | head -c 30000000"],
  ].map((word) => `'${word}'`).join(" ");
  // The most that a process held is in its last status (proc(5), VmHWM).
  const script = `${ftl} > "$HOME/out" & pid=$!
    while peak=$(grep VmHWM /proc/$pid/status 2>/dev/null) && [ -n "$peak" ]; do
      most=$peak; sleep 0.05; done
    wait $pid && echo "$most"`;
  const { stdout, success } = await new Deno.Command("sh", {
    args: ["-c", script],
    env,
  }).output();
  assert(success);
  const kilobytes = Number(
    /VmHWM:\s+(\d+) kB/.exec(new TextDecoder().decode(stdout))?.[1],
  );
  assert(kilobytes < 1_200_000, `${kilobytes} kB`);
  const { results } = JSON.parse(
    await Deno.readTextFile(`${account.home}/out`),
  );
  assertEquals(Object.keys(results).length, 12);
  for (
    const { result } of Object.values<{ result: { stdout: string } }>(results)
  ) {
    assertMatch(
      result.stdout.slice(-50),
      /\n\[24407595 bytes more were left out\]\n$/,
    );
  }
});
