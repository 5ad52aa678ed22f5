// `ftl man`: prints the manual page.
import type { Command } from "commander";
import { manualPage } from "../../manual/manual_page.ts";
import { EXIT } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** Prints the manual page; resolves to the exit status. */
export function handleMan(program: Command, context: Context): Promise<number> {
  context.out(manualPage(program));
  return Promise.resolve(EXIT.ok);
}
