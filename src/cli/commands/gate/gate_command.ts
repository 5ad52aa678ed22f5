// `ftl gate`: build gates ahead of a run, and look after those that are kept.
import type { Command } from "commander";
import { addOptions, type Row } from "../../options/add_options.ts";
import { wholeNumber } from "../../options/option_values.ts";
import { MODULE_ROWS } from "../../options/options.ts";
import type { CommandHost } from "../command.ts";
import type {
  FormatOptions,
  GateBuildOptions,
  PruneOptions,
} from "./gate_commands.ts";

const FORMAT: Row = {
  flags: "--format <name>",
  help: "how the answer is written",
  choices: ["text", "json"],
  default: "text",
};
const NAMES: readonly Row[] = [
  {
    flags: "-m, --module <name>",
    help: "put this module in (repeatable)",
    parse: (value, previous) => [...(previous as string[] ?? []), value],
  },
  {
    flags: "-f, --ftl-module <name>",
    help: "put this native module in (repeatable)",
    parse: (value, previous) => [...(previous as string[] ?? []), value],
  },
  { flags: "--all", help: "put in every module of the folders that can run" },
  { flags: "-o, --output <file>", help: "write the gate to a file as well" },
];

/** Adds `ftl gate` and what is below it. */
export function addGate(program: Command, { context, action }: CommandHost) {
  const gate = program.command("gate")
    .summary("build gates, list and check those that are kept")
    .description(
      "Builds gates ahead of a run, and looks after those in ~/.ftl.",
    );

  const build = gate.command("build")
    .summary("build a gate that holds everything of a run")
    .description(
      "Builds a gate that holds everything of a run. Needs no Python.",
    )
    .argument("[modules...]", "names or files of modules")
    .addHelpText("after", EXAMPLES)
    .action(action(async (modules: string[], options: GateBuildOptions) => {
      const { gateBuild } = await import("./gate_commands.ts");
      return await gateBuild(modules, options, context);
    }));
  addOptions(build, {
    "The gate:": NAMES,
    "Modules:": MODULE_ROWS,
    "Output:": [FORMAT],
  });

  const list = gate.command("list")
    .summary("list the gates and packs that are kept")
    .description("Lists the gates and packs that are kept, last used first.")
    .action(action(async (options: FormatOptions) => {
      const { gateList } = await import("./gate_commands.ts");
      return await gateList(options, context);
    }));
  const show = gate.command("show")
    .summary("say what is in a gate, and why")
    .description(
      "Says what is in a gate: its modules, and what pulled in what.",
    )
    .argument("<gate>", "a file, or the beginning of an id")
    .action(action(async (name: string, options: FormatOptions) => {
      const { gateShow } = await import("./gate_commands.ts");
      return await gateShow(name, options, context);
    }));
  for (const command of [list, show]) {
    addOptions(command, { "Output:": [FORMAT] });
  }

  gate.command("verify")
    .summary("check that a gate is whole")
    .description("Checks every entry of a gate against its manifest.")
    .argument("<gates...>", "files, or the beginnings of ids")
    .action(action(async (names: string[]) => {
      const { gateVerify } = await import("./gate_commands.ts");
      return await gateVerify(names, context);
    }));

  const prune = gate.command("prune")
    .summary("remove gates and packs that are no longer used")
    .description(
      "Removes gates and packs from ~/.ftl; what is needed is rebuilt.",
    )
    .action(action(async (options: PruneOptions) => {
      const { gatePrune } = await import("./gate_commands.ts");
      return await gatePrune(options, context);
    }));
  addOptions(prune, {
    "What is kept:": [
      {
        flags: "--keep <number>",
        help: "of each kind",
        parse: wholeNumber,
        default: "20",
      },
      {
        flags: "--days <number>",
        help: "used since",
        parse: wholeNumber,
        default: "30",
      },
    ],
  });
}

const EXAMPLES = `
Examples:
  ftl gate build ping service -M modules
  ftl gate build -M /usr/lib/python3/dist-packages/ansible/modules --all -o all.pyz
  python3 all.pyz --info
`;
