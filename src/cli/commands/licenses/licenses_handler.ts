// `ftl licenses`: prints the file that is beside the program in a binary.
import { UsageError } from "../../process/exit_code.ts";
import { EXIT } from "../../process/exit_code.ts";
import { showPages } from "../../terminal/pager.ts";
import type { Context } from "../context.ts";

/** The name of the file. */
export const LICENSES = "licenses.txt";

/** Prints the licenses; resolves to the exit status. */
export async function handleLicenses(context: Context): Promise<number> {
  let text: string;
  try {
    text = await Deno.readTextFile(new URL(LICENSES, import.meta.url));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      "Cannot print the licenses: this ftl is not a binary",
      {
        hint: "Make one with deno task compile; ftl's own is in LICENSE",
      },
    );
  }
  await showPages({ text }, context);
  return EXIT.ok;
}
