// Declares `ftl completions SHELL`.
import { Argument, type Command } from "commander";
import type { CommandHost } from "../command.ts";

/** Adds `ftl completions`. */
export function addCompletions(
  program: Command,
  { context, action }: CommandHost,
) {
  program.command("completions")
    .summary("print a completion script for a shell")
    .description(
      "Prints a script that completes commands, options, hosts, groups, " +
        "modules and their arguments.",
    )
    .addArgument(
      new Argument("<shell>", "the shell to complete in").choices([
        "bash",
        "zsh",
        "fish",
      ]),
    )
    .addHelpText("after", EXAMPLES)
    .action(action(async (shell: "bash" | "zsh" | "fish") => {
      const { handleCompletions } = await import("./completions_handler.ts");
      return await handleCompletions(shell, program, context);
    }));
}

const EXAMPLES = `
Examples:
  ftl completions bash > ~/.local/share/bash-completion/completions/ftl
  ftl completions zsh > ~/.zfunc/_ftl          if ~/.zfunc is in fpath
  ftl completions fish > ~/.config/fish/completions/ftl.fish
  source <(ftl completions bash)               for this session only
`;
