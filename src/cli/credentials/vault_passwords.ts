// Passwords for Ansible Vault from files, programs and the user at the terminal.
// Each is read once, and only when something encrypted is needed. What is taken
// of a file or an output is Ansible's rule (parsing/vault/__init__.py).
import { basename } from "@std/path";
import {
  isVaultText,
  Vault,
  type VaultPassword,
} from "../../inventory/vault.ts";
import type { Context } from "../commands/context.ts";
import { expandHome } from "../options/named_files.ts";
import type { InventoryOptions } from "../options/options.ts";
import { UsageError } from "../process/exit_code.ts";
import { readSecretContent } from "./secret_file.ts";

const DEFAULT_ID = "default";

/** The vaults of commands: everything that a command reads shares one. */
const vaults = new WeakMap<Context, Vault>();

/** The vault of the options; undefined when they name no password. */
export function vaultOf(
  { vaultPasswordFile = [], askVaultPass = false }: InventoryOptions,
  context: Context,
): Vault | undefined {
  if (vaultPasswordFile.length === 0 && !askVaultPass) return undefined;
  const existing = vaults.get(context);
  if (existing !== undefined) return existing;
  const vault = new Vault(async () => {
    const passwords: VaultPassword[] = [];
    for (const source of vaultPasswordFile) {
      passwords.push(await readPassword(source, { context, passwords }));
    }
    if (askVaultPass) {
      passwords.push(
        await askPassword("Vault password: ", DEFAULT_ID, context),
      );
    }
    return passwords;
  });
  vaults.set(context, vault);
  return vault;
}

/** Reads `FILE`, `ID@FILE` or `ID@prompt`. */
async function readPassword(
  source: string,
  { context, passwords }: {
    context: Context;
    passwords: readonly VaultPassword[];
  },
): Promise<VaultPassword> {
  // A path may hold an @ too, but an id holds no slash.
  const [, id = DEFAULT_ID, name = source] = /^([^/@]+)@(.+)$/s.exec(source) ??
    [];
  if (name === "prompt") {
    return await askPassword(`Vault password (${id}): `, id, context);
  }
  const file = expandHome(name);
  // Ansible's rule: a program with such a name takes the id as an option.
  const isClient = /-client(?:\.[^.]*)?$/.test(basename(file));
  const args = isClient ? ["--vault-id", id] : [];
  const { bytes, isProgram } = await readSecretContent(file, context, args);
  const password = isProgram
    ? trimmed(bytes, LINE_ENDS)
    : trimmed(await decrypted(trimmed(bytes, BLANKS), passwords), LINE_ENDS);
  if (password.length === 0) {
    throw new UsageError(
      isProgram
        ? `Cannot use what ${file} printed: it is empty`
        : `Cannot use ${file}: it is empty`,
    );
  }
  hide(password, context);
  return { id, password };
}

async function askPassword(
  prompt: string,
  id: string,
  context: Context,
): Promise<VaultPassword> {
  const typed = await context.askSecret(prompt, {
    otherwise: "Give the password with --vault-password-file FILE",
  });
  const password = trimmed(new TextEncoder().encode(typed), BLANKS);
  hide(password, context);
  return { id, password };
}

/** A password file may be encrypted with a password that comes before it. */
async function decrypted(
  bytes: Uint8Array,
  passwords: readonly VaultPassword[],
): Promise<Uint8Array> {
  const text = new TextDecoder().decode(bytes);
  if (!isVaultText(text)) return bytes;
  return await new Vault(() => Promise.resolve(passwords)).decryptBytes(text);
}

/** Masks the text of a password; one that is not text is in no output. */
function hide(password: Uint8Array, context: Context): void {
  const text = new TextDecoder().decode(password);
  if (!text.includes("\ufffd")) context.secrets.add(text);
}

/** What Python's bytes.strip() removes. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 9, 10, 11, 12, 13]);
const LINE_ENDS: ReadonlySet<number> = new Set([10, 13]);

/** Without certain bytes at both ends. */
function trimmed(bytes: Uint8Array, ends: ReadonlySet<number>): Uint8Array {
  let start = 0;
  let end = bytes.length;
  while (start < end && ends.has(bytes[start]!)) start++;
  while (end > start && ends.has(bytes[end - 1]!)) end--;
  return bytes.subarray(start, end);
}
