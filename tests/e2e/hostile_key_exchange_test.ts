// A hostile packet of one host, before its key is verified, does not affect the
// results or the time of fifty other hosts.
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount, parseLines } from "../support/ftl.ts";
import {
  HOSTILE_EXCHANGES,
  type HostileExchange,
} from "../support/hostile_exchanges.ts";
import { startRawSshServer } from "../support/raw_ssh_server.ts";
import { startSshServer } from "../support/ssh_server.ts";

const GOOD = 50;

/** These once ended or blocked the process; the others share one run. */
const WORST = /prime of zero|empty prime|prime of 32 KB/;

const MAX_SECONDS = 30;
const MAX_RESIDENT_KB = 400_000;

for (const attack of HOSTILE_EXCHANGES.filter(({ name }) => WORST.test(name))) {
  Deno.test(`fifty hosts give results beside ${attack.name}`, () =>
    runBeside([attack]));
}

Deno.test("fifty hosts give results beside all other hostile key exchanges", () =>
  runBeside(HOSTILE_EXCHANGES.filter(({ name }) => !WORST.test(name))));

async function runBeside(attacks: readonly HostileExchange[]): Promise<void> {
  await using account = await createAccount();
  await using servers = new AsyncDisposableStack();
  const good = await startSshServer();
  servers.defer(() => good.stop());
  const hosts = Array.from(
    { length: GOOD },
    (_, i) => hostLine(`good${i}`, good.port),
  );
  for (const [i, attack] of attacks.entries()) {
    const { port } = servers.use(startRawSshServer(attack.serve));
    hosts.push(hostLine(`bad${i}`, port));
  }
  const inventory = join(account.home, "hosts.ini");
  await Deno.writeTextFile(inventory, hosts.join("\n"));
  const config = join(account.home, "ssh_config");
  await Deno.writeTextFile(
    config,
    "KexAlgorithms +diffie-hellman-group-exchange-sha256\n",
  );

  const child = account.start([
    ...["exec", "-i", inventory, "--format", "ndjson"],
    ...["--ssh-config", config, "--private-key", good.identityFile],
    ...["-u", "deploy", "--host-keys", "off", "--", "echo", "here"],
  ]);
  const timer = setTimeout(() => child.kill("SIGKILL"), MAX_SECONDS * 1_000);
  const most = watchMemory(child.pid);
  const { stdout, stderr, code } = await child.output();
  clearTimeout(timer);

  const said = new TextDecoder().decode(stderr);
  const results = parseLines(new TextDecoder().decode(stdout))
    .filter(({ event }) => event === "result");
  assertEquals(results.length, GOOD + attacks.length, said);
  const byHost = new Map(results.map((result) => [result.host, result]));
  for (let i = 0; i < GOOD; i++) {
    assertEquals(byHost.get(`good${i}`)!.status, "ok");
  }
  for (const [i, { says, name }] of attacks.entries()) {
    const { status, error } = byHost.get(`bad${i}`)!;
    assertEquals([status, error.phase], ["unreachable", "connect"], name);
    assertMatch(error.message, says);
  }
  assertEquals(code, 3);
  assertLess(await most, MAX_RESIDENT_KB, "KB of resident memory");
}

function hostLine(name: string, port: number): string {
  return `${name} ansible_host=127.0.0.1 ansible_port=${port}`;
}

/** Returns the peak memory of a process in KB, after it has ended. */
async function watchMemory(pid: number): Promise<number> {
  for (let most = 0;;) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`)
      .catch(() => "");
    const peak = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
    if (peak === undefined) return most;
    most = Number(peak);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
