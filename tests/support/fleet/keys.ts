// Keys of the test fleet, made by ssh-keygen.
import { needProgram } from "../need.ts";

const keygen = needProgram("ssh-keygen");

/** Makes a key pair; `options` are those of ssh-keygen. Returns the file. */
export async function makeKey(
  file: string,
  ...options: readonly string[]
): Promise<string> {
  const type = options.includes("-t") ? [] : ["-t", "ed25519"];
  const passphrase = options.includes("-N") ? [] : ["-N", ""];
  await run(["-q", "-f", file, ...type, ...passphrase, ...options]);
  return file;
}

/** Makes a copy of a key that needs a passphrase. Returns the file. */
export async function makeLocked(file: string, key: string): Promise<string> {
  await Deno.copyFile(key, file);
  await run(["-q", "-p", "-f", file, "-P", "", "-N", "sesame"]);
  return file;
}

/** `ssh-ed25519 AAAA…`, without the comment. */
export async function publicKeyOf(file: string): Promise<string> {
  const text = await Deno.readTextFile(`${file}.pub`);
  return text.trim().split(" ").slice(0, 2).join(" ");
}

/** Signs a host's key: the certificate is the file `<file>-cert.pub`. */
export async function signHostKey(
  file: string,
  { authority, names }: { authority: string; names: readonly string[] },
): Promise<void> {
  await run([
    ...["-q", "-s", authority, "-I", "test", "-h", "-n", names.join(",")],
    `${file}.pub`,
  ]);
}

async function run(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(keygen.path, {
    args: [...args],
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return;
  throw new Error(
    `Cannot run ssh-keygen ${args.join(" ")}: ${
      new TextDecoder().decode(stderr).trim()
    }`,
  );
}
