// Options from the environment: FTL_<NAME>. An empty variable counts as unset; a
// list holds several values; a value that other commands know is ignored with a
// warning, so that one setting does not break the rest.
import { type Command, InvalidArgumentError, type Option } from "commander";
import { valuesOf, type VariableList } from "./variable_list.ts";

/** Makes a command read an option's variable by these rules. */
export function readVariable(
  command: Command,
  option: Option,
  list: VariableList | undefined,
): void {
  command.on(`optionEnv:${option.name()}`, (text: string) => {
    if (text === "") return;
    const name = option.envVar!;
    const { argChoices } = option;
    if (argChoices !== undefined && !argChoices.includes(text)) {
      command.configureOutput().writeErr!(
        `ftl: warning: Ignored ${name}: ${command.name()} knows no ` +
          `${option.long} ${JSON.stringify(text)}\n`,
      );
      return;
    }
    const key = option.attributeName();
    try {
      let value: unknown = undefined;
      for (const each of valuesOf(text, list)) {
        value = option.parseArg?.(each, value as string) ?? each;
      }
      if (value !== undefined) {
        command.setOptionValueWithSource(key, value, "env");
      }
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      command.error(
        `error: option '${option.flags}' value '${text}' from env '${name}' ` +
          `is invalid. ${error.message}`,
        { code: "commander.invalidArgument" },
      );
    }
  });
}
