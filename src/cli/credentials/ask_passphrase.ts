// Asks for the passphrase of a key, at the terminal.
import type { AskPassphrase } from "../../transport/ssh/keys/key_files.ts";
import type { Context } from "../commands/context.ts";

/** What asks for passphrases; undefined without a terminal. */
export function askPassphrase(context: Context): AskPassphrase | undefined {
  if (!context.canAsk) return undefined;
  return async (file, { again }) => {
    const why = again ? "Wrong passphrase. " : "";
    const passphrase = await context.askSecret(
      `${why}Passphrase for ${file}: `,
    );
    context.secrets.add(passphrase);
    return passphrase || undefined;
  };
}
