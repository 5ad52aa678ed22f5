// From options to what opens Ansible Vault: passwords from files, programs, and
// the person at the terminal, each read once and not before something encrypted
// is needed.
import { basename } from "@std/path";
import { Vault, type VaultPassword } from "../../inventory/vault.ts";
import type { Context } from "../commands/context.ts";
import type { InventoryOptions } from "../options/options.ts";
import { readSecretFile } from "./secret_file.ts";

const DEFAULT_ID = "default";

/** The vault of the options; undefined when they name no password. */
export function vaultOf(
  { vaultPasswordFile = [], askVaultPass = false }: InventoryOptions,
  context: Context,
): Vault | undefined {
  if (vaultPasswordFile.length === 0 && !askVaultPass) return undefined;
  return new Vault(async () => {
    const passwords: VaultPassword[] = [];
    for (const words of vaultPasswordFile) {
      passwords.push(await readPassword(words, context));
    }
    if (askVaultPass) {
      const password = await context.askSecret("Vault password: ", {
        otherwise: "Give the password with --vault-password-file FILE",
      });
      context.secrets.add(password);
      passwords.push({ id: DEFAULT_ID, password });
    }
    return passwords;
  });
}

/** Reads `FILE`, or `ID@FILE`. */
async function readPassword(
  words: string,
  context: Context,
): Promise<VaultPassword> {
  const at = words.indexOf("@");
  const id = at > 0 ? words.slice(0, at) : DEFAULT_ID;
  const file = words.slice(at + 1);
  // Ansible's rule: a program with such a name can tell ids apart.
  const isClient = /-client(?:\.[^.]*)?$/.test(basename(file));
  const args = isClient ? ["--vault-id", id] : [];
  return { id, password: await readSecretFile(file, context, args) };
}
