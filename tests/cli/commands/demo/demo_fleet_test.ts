import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import type { ClientChannel } from "ssh2";
import ssh2 from "ssh2";
import {
  type DemoFleet,
  startDemoFleet,
} from "../../../../src/cli/commands/demo/demo_fleet.ts";
import { generateKeyPair } from "../../../../src/cli/commands/demo/key_pair.ts";

/** Runs a test on a fleet of one host. */
async function withFleet(
  body: (fleet: DemoFleet) => Promise<void>,
): Promise<void> {
  const fleet = await startDemoFleet(1);
  try {
    await body(fleet);
  } finally {
    await fleet.close();
  }
}

async function connect(fleet: DemoFleet): Promise<ssh2.Client> {
  const host = fleet.hosts[0]!;
  const privateKey = await Deno.readTextFile(fleet.privateKeyPath);
  const known = await Deno.readTextFile(fleet.knownHostsPath);
  return await new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on("ready", () => resolve(client)).on("error", reject).connect({
      host: host.address,
      port: host.port,
      username: fleet.user,
      privateKey,
      hostVerifier: (key: Buffer) => known.includes(key.toString("base64")),
    });
  });
}

function exec(client: ssh2.Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(
      command,
      (error, channel) => error ? reject(error) : resolve(channel),
    );
  });
}

interface Ended {
  code: number | null;
  signal: string | undefined;
  stdout: Buffer;
  stderr: Buffer;
}

function ended(channel: ClientChannel): Promise<Ended> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve) => {
    channel.on("close", (code: number | null, signal?: string) =>
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr),
      }));
  });
}

Deno.test("a demo host runs commands in its HOME, with separate outputs and their status", () =>
  withFleet(async (fleet) => {
    const client = await connect(fleet);
    const channel = await exec(client, "pwd; echo $HOME >&2; exit 7");
    const { code, stdout, stderr } = await ended(channel);
    const home = `${await Deno.realPath(fleet.hosts[0]!.home)}\n`;
    assertEquals([code, stdout.toString(), stderr.toString()], [7, home, home]);
    client.end();
  }));

Deno.test("a demo host reports the signal that ended a command", () =>
  withFleet(async (fleet) => {
    const client = await connect(fleet);
    const { signal } = await ended(await exec(client, "kill -KILL $$"));
    assertEquals(signal, "SIGKILL");
    client.end();
  }));

Deno.test("a demo host passes megabytes unchanged in both directions", () =>
  withFleet(async (fleet) => {
    const sent = Buffer.alloc(5_000_000, "0123456789abcdef\n");
    const client = await connect(fleet);
    const channel = await exec(client, "tee /dev/stderr");
    const done = ended(channel);
    channel.end(sent);
    const { code, stdout, stderr } = await done;
    assertEquals(code, 0);
    assert(stdout.equals(sent) && stderr.equals(sent));
    client.end();
  }));

Deno.test("a command on a demo host reads end of input when its connection ends", () =>
  withFleet(async (fleet) => {
    const client = await connect(fleet);
    const fifo = `${fleet.hosts[0]!.home}/over`;
    const channel = await exec(
      client,
      `mkfifo ${fifo}; echo ready; cat; echo over >${fifo}`,
    );
    await new Promise((resolve) => channel.once("data", resolve));
    const over = Deno.readTextFile(fifo);
    client.destroy();
    assertEquals(await over, "over\n");
  }));

Deno.test("a demo host refuses other keys", () =>
  withFleet(async (fleet) => {
    const other = generateKeyPair();
    await Deno.writeTextFile(fleet.privateKeyPath, other.private);
    const error = await assertRejects(() => connect(fleet), Error);
    assertEquals(
      (error as ssh2.ClientErrorExtensions).level,
      "client-authentication",
    );
  }));

Deno.test("a closed demo fleet leaves no files and no processes", async () => {
  const fleet = await startDemoFleet(2);
  const client = await connect(fleet);
  const channel = await exec(client, "echo $$; exec cat");
  const [pid] = await new Promise<string[]>((resolve) => {
    channel.once(
      "data",
      (data: Buffer) => resolve(data.toString().split("\n")),
    );
  });
  await fleet.close();
  await assertRejects(() => Deno.stat(fleet.privateKeyPath));
  await assertRejects(() => Deno.stat(`/proc/${pid}`));
});
