// Signs the sums of a release with ssh-keygen, and checks the signature as
// install.sh does.
import { join } from "@std/path";

/** The name of the signer in release_signers. */
const SIGNER = "ftl";
/** What the signature is for: the namespace of `ssh-keygen -Y`. */
export const NAMESPACE = "file";

/**
 * Signs the SHA256SUMS of a folder.
 *
 * @param options `key`: the file of the private key, or of the public key of one in
 *   the agent; `signers`: lines of allowed signers, from the file `from`.
 * @throws {Error} when the key does not sign, or would not be accepted by
 *   `signers`; a signature that was there before stays.
 */
export async function signSums(
  folder: string,
  { key, signers, from }: {
    key: string;
    signers: readonly string[];
    from: string;
  },
): Promise<void> {
  const sums = join(folder, "SHA256SUMS");
  const temporary = await Deno.makeTempDir({ prefix: "ftl-sign-" });
  try {
    const copy = join(temporary, "SHA256SUMS");
    await Deno.copyFile(sums, copy);
    const child = new Deno.Command("ssh-keygen", {
      args: ["-Y", "sign", "-q", "-f", key, "-n", NAMESPACE, copy],
      stdin: "inherit", // it may ask for the passphrase
      stdout: "null",
    }).spawn();
    if (!(await child.status).success) {
      throw new Error(`Cannot sign ${sums} with ${key}`);
    }
    const allowed = join(temporary, "signers");
    await Deno.writeTextFile(allowed, signers.join("\n") + "\n");
    const why = await whyRefused(copy, allowed);
    if (why !== undefined) {
      throw new Error(
        `Cannot sign ${sums}: ${from} does not accept the key ${key}: ${why}`,
      );
    }
    await Deno.copyFile(`${copy}.sig`, `${sums}.sig`);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** Why a signature is not accepted, in the words of ssh-keygen. */
async function whyRefused(
  sums: string,
  allowed: string,
): Promise<string | undefined> {
  const verify =
    'exec ssh-keygen -Y verify -f "$1" -I "$2" -n "$3" -s "$4.sig" <"$4" 2>&1';
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", verify, "sh", allowed, SIGNER, NAMESPACE, sums],
  }).output();
  if (success) return undefined;
  return new TextDecoder().decode(stdout).replaceAll(`${allowed}:`, "line ")
    .trim().split("\n").join("; ");
}
