// The key that signs the calls of a sender: a key that the user logs in with, from a
// file or the agent, so that administrators know its public half already.
import { join } from "@std/path";
import { FtlError, messageOf } from "../../../errors.ts";
import type { Identity } from "../../../transport/ssh/keys/identity.ts";
import {
  type AskPassphrase,
  KeyFiles,
} from "../../../transport/ssh/keys/key_files.ts";
import { DEFAULT_KEY_FILES } from "../../../transport/ssh/keys/offered_identities.ts";
import { SharedAgent } from "../../../transport/ssh/keys/ssh_agent.ts";
import { fingerprint } from "../../../transport/ssh/host_key/verify_host_key.ts";
import { SIGNING_KEY_TYPES, signMessage } from "./ssh_signature.ts";

/** Where a signing key is looked for. */
export interface SigningKeyOptions {
  /**
   * A private key, or a public key whose private key the agent has. Default: the
   * first of `~/.ssh/id_ed25519`, `id_ecdsa` and `id_rsa`, else the agent's first.
   */
  readonly file?: string | undefined;
  /** The agent's socket; empty for none. */
  readonly agentSocket: string;
  /** Where `.ssh` is. */
  readonly home: string;
  /** Asks for the passphrase of a file. Default: such files are not used. */
  readonly askPassphrase?: AskPassphrase | undefined;
}

/** A key that signs. */
export interface SigningKey {
  /** `SHA256:…`, as OpenSSH prints it. */
  readonly fingerprint: string;
  /** Its line for a worker's list of allowed keys: `ssh-ed25519 AAAA…`. */
  readonly line: string;
  /** Signs a message in a namespace (PROTOCOL.sshsig). */
  sign(
    message: Uint8Array,
    namespace: string,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the use of the agent. */
  close(): void;
}

/** The user has no key. */
export class NoSigningKey extends FtlError {}

/**
 * Finds the key that signs. A file that needs a passphrase is left to the agent
 * when that has the same key.
 *
 * @throws {NoSigningKey} when none is named, and none is where one is looked for.
 * @throws {FtlError} when there is none that can sign.
 */
export async function findSigningKey(
  options: SigningKeyOptions,
): Promise<SigningKey> {
  const agent = options.agentSocket === ""
    ? undefined
    : new SharedAgent(options.agentSocket);
  try {
    const identity = await choose(options, agent);
    return toSigningKey(identity, () => agent?.close());
  } catch (error) {
    agent?.close();
    throw error;
  }
}

async function choose(
  { file, home, askPassphrase }: SigningKeyOptions,
  agent: SharedAgent | undefined,
): Promise<Identity> {
  const held = await agent?.identities().catch(() => []) ?? [];
  const files = new KeyFiles(askPassphrase);
  const problems: string[] = [];
  const paths = file === undefined
    ? DEFAULT_KEY_FILES.map((name) => join(home, ".ssh", name))
    : [file];
  for (const path of paths) {
    if (file === undefined && !await isThere(path)) continue;
    try {
      const identity = await files.identity(path);
      const usable = preferAgent(identity, held);
      if (usable.unusable === undefined) return usable;
      problems.push(`${path}: ${usable.unusable}`);
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`);
    }
  }
  const [first] = file === undefined
    ? held.filter(({ publicKey: { type } }) => SIGNING_KEY_TYPES.includes(type))
    : [];
  if (first !== undefined) return first;
  if (problems.length === 0) {
    throw new NoSigningKey(
      `Cannot sign calls: there is no ${paths.join(", ")}`,
      {
        hint:
          "Make a key with ssh-keygen -t ed25519, or add one to the agent with ssh-add",
      },
    );
  }
  throw new FtlError(`Cannot sign calls: ${problems.join("; ")}`, {
    hint: "Name a private key, or add it to the agent with ssh-add",
  });
}

/** Whether a key, or the public half of one that an agent has, is in a file. */
async function isThere(path: string): Promise<boolean> {
  const found = await Promise.all(
    [path, `${path}.pub`].map((each) =>
      Deno.lstat(each).then(() => true, () => false)
    ),
  );
  return found.includes(true);
}

/** The agent's form of a key that cannot sign at once by itself. */
function preferAgent(identity: Identity, held: readonly Identity[]): Identity {
  if (!identity.locked) return identity;
  const blob = identity.publicKey.getPublicSSH();
  return held.find(({ publicKey }) => publicKey.getPublicSSH().equals(blob)) ??
    identity;
}

function toSigningKey(identity: Identity, close: () => void): SigningKey {
  const { publicKey, label } = identity;
  const blob = publicKey.getPublicSSH();
  return {
    fingerprint: fingerprint(blob),
    line: `${publicKey.type} ${blob.toString("base64")}`,
    sign: async (message, namespace) => {
      try {
        return await signMessage(message, { identity, namespace });
      } catch (cause) {
        if (cause instanceof FtlError) throw cause;
        const reason = messageOf(cause);
        throw new FtlError(`Cannot sign with ${label}: ${reason}`, {
          hint: "Unlock the key, or name another one",
          cause,
        });
      }
    },
    close,
  };
}
