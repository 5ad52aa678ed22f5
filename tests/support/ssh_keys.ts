// Keys of ssh-keygen in files.
import { join } from "@std/path";
import { needProgram } from "./need.ts";

/** Whether this machine has OpenSSH's tools. */
export const sshKeygenNeed = needProgram("ssh-keygen");

/**
 * Makes a key pair in a folder: `NAME` and `NAME.pub`.
 *
 * @param options `type`: default ed25519; `passphrase`: default none.
 * @returns the path of the private key.
 */
export async function makeSshKey(
  folder: string,
  name: string,
  { type = "ed25519", passphrase = "", args = [] as readonly string[] } = {},
): Promise<string> {
  const path = join(folder, name);
  await runSshKeygen([
    ...["-q", "-t", type, "-N", passphrase, "-C", name, "-f", path],
    ...args,
  ]);
  return path;
}

/** Runs ssh-keygen. @throws {Error} with what it printed, unless it succeeds. */
export async function runSshKeygen(
  args: readonly string[],
  input = new Uint8Array(),
): Promise<Uint8Array> {
  const child = new Deno.Command(sshKeygenNeed.path, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // It may end without reading.
  await writer.write(input).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  if (success) return stdout;
  throw new Error(new TextDecoder().decode(stderr) || "ssh-keygen failed");
}
