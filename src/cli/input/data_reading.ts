// How data on the command line and in the files that it names is read.
import type { DataReading } from "../../core/input/argument_file.ts";
import type { Context } from "../commands/context.ts";
import { vaultOf } from "../credentials/vault_passwords.ts";
import type { InventoryOptions } from "../options/options.ts";
import { warningText } from "../process/exit_code.ts";

/** Reads with the vault of the options, and masks what was encrypted. */
export function dataReadingOf(
  options: InventoryOptions,
  context: Context,
): DataReading {
  return {
    vault: vaultOf(options, context),
    onSecret: (text) => context.secrets.add(text),
    onWarning: (text) => context.err(warningText(text)),
  };
}
