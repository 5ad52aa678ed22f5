// `ftl man`: prints the manual page, or shows it with `man` on a terminal.
import type { Command } from "commander";
import { manualPage } from "../../manual/manual_page.ts";
import { showPages } from "../../terminal/pager.ts";
import { EXIT } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** Prints the manual page; resolves to the exit status. */
export async function handleMan(
  program: Command,
  context: Context,
): Promise<number> {
  await showPages({ text: manualPage(program), isManual: true }, context);
  return EXIT.ok;
}
