// Passwords for Ansible Vault from files, programs and the user at the terminal.
// Each is read once, and only when something encrypted is needed.
import { basename } from "@std/path";
import { Vault, type VaultPassword } from "../../inventory/vault.ts";
import type { Context } from "../commands/context.ts";
import type { InventoryOptions } from "../options/options.ts";
import { readSecretFile } from "./secret_file.ts";

const DEFAULT_ID = "default";

/** The vault of the options; undefined when they name no password file. */
export function vaultOf(
  { vaultPasswordFile = [], askVaultPass = false }: InventoryOptions,
  context: Context,
): Vault | undefined {
  if (vaultPasswordFile.length === 0 && !askVaultPass) return undefined;
  return new Vault(async () => {
    const passwords: VaultPassword[] = [];
    for (const source of vaultPasswordFile) {
      passwords.push(await readPassword(source, context));
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
  source: string,
  context: Context,
): Promise<VaultPassword> {
  const at = source.indexOf("@");
  const id = at > 0 ? source.slice(0, at) : DEFAULT_ID;
  const file = source.slice(at + 1);
  // Ansible's rule: a program with such a name takes the id as an option.
  const isClient = /-client(?:\.[^.]*)?$/.test(basename(file));
  const args = isClient ? ["--vault-id", id] : [];
  return { id, password: await readSecretFile(file, context, args) };
}
