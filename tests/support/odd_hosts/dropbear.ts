// Dropbear's server, on a free port of the loopback device.
import { join } from "@std/path";
import { freePort } from "../free_port.ts";
import { findProgram } from "../need.ts";
import type { PrivateEtc } from "../private_etc.ts";
import type { OddServer } from "./odd_hosts.ts";

/** Starts it; the account `dropbear` is let in with the key. */
export async function startDropbear(
  etc: PrivateEtc,
  { wrapper, identityFile }: {
    wrapper: readonly string[];
    identityFile: string;
  },
): Promise<OddServer> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-dropbear-" });
  const hostKeyFile = join(folder, "host_key");
  const { stdout } = await new Deno.Command("dropbearkey", {
    args: ["-t", "ed25519", "-f", hostKeyFile],
  }).output();
  const hostKey = /^ssh-ed25519 \S+/m.exec(new TextDecoder().decode(stdout))!;
  const home = join(etc.files, "../home/dropbear");
  await Deno.mkdir(join(home, ".ssh"), { mode: 0o700 });
  const keys = join(home, ".ssh/authorized_keys");
  await Deno.copyFile(`${identityFile}.pub`, keys);
  await Deno.chmod(keys, 0o600);
  const { uid, gid } = await Deno.stat(home);
  for (const path of [keys, join(home, ".ssh")]) {
    await Deno.chown(path, uid, gid);
  }
  const port = freePort();
  const [program = "", ...args] = [
    ...[...wrapper, findProgram("dropbear")!, "-F", "-E", "-s"],
    ...["-p", `127.0.0.1:${port}`, "-P", join(folder, "pid")],
    ...["-r", hostKeyFile],
  ];
  const process = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const listening = Promise.withResolvers<void>();
  const drained = process.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (text) => {
        if (text.includes("Not backgrounding")) listening.resolve();
      },
      close: () => listening.reject(new Error("Cannot start dropbear")),
    }),
  );
  await listening.promise;
  return {
    port,
    hostKey: hostKey[0],
    pid: process.pid,
    stop: async () => {
      process.kill("SIGTERM");
      await process.status;
      await drained;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
