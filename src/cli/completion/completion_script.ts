// The completion script for each shell, made from the program itself.
import type { Command } from "commander";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { readTree } from "./command_tree.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The completion script of a program for a shell. */
export function scriptFor(
  shell: keyof typeof SCRIPTS,
  program: Command,
): string {
  return SCRIPTS[shell](readTree(program));
}
