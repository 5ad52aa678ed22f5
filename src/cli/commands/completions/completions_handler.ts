// `ftl completions`: prints a completion script.
import type { Command } from "commander";
import { scriptFor } from "../../completion/completion_script.ts";
import { EXIT } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** Prints the completion script of a shell; resolves to the exit status. */
export function handleCompletions(
  shell: "bash" | "zsh" | "fish",
  program: Command,
  context: Context,
): Promise<number> {
  context.out(scriptFor(shell, program));
  return Promise.resolve(EXIT.ok);
}
