// Workers and senders as their users run them: processes of their own, with keys.
import { join } from "@std/path";
import { type Account, createAccount } from "./ftl.ts";
import { NatsHosts, type NatsHostsOptions } from "./nats_hosts.ts";
import { natsNeed } from "./nats_server.ts";
import { type Need, needAll, needProgram } from "./need.ts";
import { sshdNeed } from "./sshd.ts";

const NEED = needAll(sshdNeed, natsNeed, needProgram("ssh-keygen"));

/** A sender and a worker, each with an account of its own. */
export interface NatsAccounts {
  readonly hosts: NatsHosts;
  readonly sender: Account;
  readonly worker: Account;
  /** Starts a worker, and waits until it takes calls. */
  start(...args: string[]): Promise<Deno.ChildProcess>;
  /** The options of the sender that choose hosts and modules. */
  readonly on: readonly string[];
}

/** Registers a test with a sender and workers, each a process with an account. */
export function testNats(
  name: string,
  options: NatsHostsOptions,
  fn: (lab: NatsAccounts) => Promise<void>,
  more: Need = NEED,
): void {
  const { suffix, ignore } = needAll(NEED, more);
  Deno.test({
    name: name + suffix,
    ignore,
    fn: async () => {
      await using hosts = await NatsHosts.start(options);
      const env = { FTL_NATS: hosts.lab.server.url, FTL_CONNECT_TIMEOUT: "2m" };
      await using sender = await createAccount({ env });
      await using worker = await createAccount({ env });
      const inventory = join(hosts.folder, "hosts.yml");
      await Deno.writeTextFile(inventory, hosts.inventory);
      const key = await makeKey(sender);
      await Deno.writeTextFile(join(worker.home, "senders"), key);
      const started: Deno.ChildProcess[] = [];
      try {
        await fn({
          ...{ hosts, sender, worker },
          on: ["-i", inventory, "-M", join(hosts.folder, "modules")],
          start: async (...args) => {
            const child = worker.start([
              ...["worker", "--allow", join(worker.home, "senders")],
              ...["--known-hosts", hosts.knownHosts, ...args],
            ]);
            started.push(child);
            await untilReady(child);
            return child;
          },
        });
      } finally {
        for (const child of started) await end(child);
      }
    },
  });
}

/** Makes the key that an account signs with; returns its public half. */
export async function makeKey({ home }: Account): Promise<string> {
  const path = join(home, ".ssh/id_ed25519");
  await Deno.mkdir(join(home, ".ssh"), { mode: 0o700 });
  await new Deno.Command("ssh-keygen", {
    args: ["-q", "-t", "ed25519", "-N", "", "-f", path],
  }).output();
  return await Deno.readTextFile(`${path}.pub`);
}

/** Pins the key of the worker's account, so that secrets and files can be sent. */
export async function pinWorker(
  { sender, worker }: NatsAccounts,
): Promise<void> {
  const { stdout } = await worker.ftl([
    ...["worker", "--show-key", "--name", "w1"],
  ]);
  const folder = join(sender.home, ".ftl");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(join(folder, "known_workers"), stdout);
}

async function untilReady(child: Deno.ChildProcess): Promise<void> {
  const [own, rest] = child.stderr.tee();
  void rest.cancel();
  let text = "";
  for await (const chunk of own.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("is ready")) return;
  }
  throw new Error(`The worker ended: ${text}`);
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.stdout.cancel().catch(() => {});
  await child.stderr.cancel().catch(() => {});
  await child.status;
}
