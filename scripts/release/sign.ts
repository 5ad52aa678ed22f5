// Signs the sums of a release with ssh-keygen, and checks the signature as
// install.sh does.
import { join } from "@std/path";
import { run } from "../compile/targets.ts";

/** The name of the signer in release_signers. */
export const SIGNER = "ftl";
/** What the signature is for: the namespace of `ssh-keygen -Y`. */
export const NAMESPACE = "file";

/**
 * Signs the SHA256SUMS of a folder.
 *
 * @param key The file of the private key, or of the public key of one in the agent.
 * @throws {Error} when `signers` does not have the key; nothing is written then.
 */
export async function signSums(
  folder: string,
  { key, signers }: { key: string; signers: readonly string[] },
): Promise<void> {
  const sums = join(folder, "SHA256SUMS");
  const signature = `${sums}.sig`;
  await Deno.remove(signature).catch(() => {}); // ssh-keygen would ask
  const child = new Deno.Command("ssh-keygen", {
    args: ["-Y", "sign", "-q", "-f", key, "-n", NAMESPACE, sums],
    stdin: "inherit", // it may ask for the passphrase
    stdout: "null",
  }).spawn();
  if (!(await child.status).success) {
    throw new Error(`Cannot sign ${sums} with ${key}`);
  }
  const temporary = await Deno.makeTempDir({ prefix: "ftl-sign-" });
  try {
    const allowed = join(temporary, "signers");
    await Deno.writeTextFile(allowed, signers.join("\n") + "\n");
    await run("sh", [
      ...[
        "-c",
        'exec ssh-keygen -Y verify -f "$1" -I "$2" -n "$3" -s "$4.sig" <"$4"',
      ],
      ...["sh", allowed, SIGNER, NAMESPACE, sums],
    ]);
  } catch {
    await Deno.remove(signature);
    throw new Error(
      `Cannot sign ${sums}: release_signers does not have the key ${key}`,
    );
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}
