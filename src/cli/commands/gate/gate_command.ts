// Declares `ftl gate` and its subcommands.
import type { Command } from "commander";
import { addOptions, type Row } from "../../options/add_options.ts";
import { wholeNumber } from "../../options/option_values.ts";
import { MODULE_ROWS } from "../../options/options.ts";
import type { CommandHost } from "../command.ts";
import type {
  FormatOptions,
  GateBuildOptions,
  PruneOptions,
} from "./gate_handler.ts";

const FORMAT: Row = {
  flags: "--format <name>",
  help: "output format",
  choices: ["text", "json"],
  default: "text",
};
const NAMES: readonly Row[] = [
  {
    flags: "-m, --module <name>",
    help: "add this module (repeatable)",
    parse: (value, previous) => [...(previous as string[] ?? []), value],
  },
  {
    flags: "-f, --ftl-module <name>",
    help: "add this native module (repeatable)",
    parse: (value, previous) => [...(previous as string[] ?? []), value],
  },
  { flags: "--all", help: "add every runnable module of the folders" },
  {
    flags: "-o, --output <file>",
    help: "also write the gate to this file",
    variable: "FTL_GATE_OUTPUT",
  },
];

/** Adds `ftl gate` and its subcommands. */
export function addGate(program: Command, { context, action }: CommandHost) {
  const gate = program.command("gate")
    .summary("build, list and check gates")
    .description(
      "Builds gates ahead of a run, and lists, checks and removes those in ~/.ftl.",
    );

  const build = gate.command("build")
    .summary("build a gate with the given modules")
    .description(
      "Builds a gate with the given modules and all that they import. Needs no " +
        "Python.",
    )
    .argument("[modules...]", "names or files of modules")
    .addHelpText("after", EXAMPLES)
    .action(action(async (modules: string[], options: GateBuildOptions) => {
      const { handleGateBuild } = await import("./gate_handler.ts");
      return await handleGateBuild(modules, options, context);
    }));
  addOptions(build, {
    "The gate:": NAMES,
    "Modules:": MODULE_ROWS,
    "Output:": [FORMAT],
  });

  const list = gate.command("list")
    .summary("list the gates and packs in ~/.ftl")
    .description(
      "Lists the gates and packs in ~/.ftl, most recently used first.",
    )
    .action(action(async (options: FormatOptions) => {
      const { handleGateList } = await import("./gate_handler.ts");
      return await handleGateList(options, context);
    }));
  const show = gate.command("show")
    .summary("show what a gate contains, and why")
    .description(
      "Shows what a gate contains: its modules, and which module needs each " +
        "file.",
    )
    .argument("<gate>", "a file, or a prefix of an id")
    .action(action(async (name: string, options: FormatOptions) => {
      const { handleGateShow } = await import("./gate_handler.ts");
      return await handleGateShow(name, options, context);
    }));
  for (const command of [list, show]) {
    addOptions(command, { "Output:": [FORMAT] });
  }

  gate.command("verify")
    .summary("check that gates are intact")
    .description("Checks every entry of the gates against their manifests.")
    .argument("<gates...>", "files, or prefixes of ids")
    .action(action(async (names: string[]) => {
      const { handleGateVerify } = await import("./gate_handler.ts");
      return await handleGateVerify(names, context);
    }));

  const prune = gate.command("prune")
    .summary("remove old gates and packs")
    .description(
      "Removes old gates and packs from ~/.ftl. They are rebuilt when needed.",
    )
    .action(action(async (options: PruneOptions) => {
      const { handleGatePrune } = await import("./gate_handler.ts");
      return await handleGatePrune(options, context);
    }));
  addOptions(prune, {
    "Keep:": [
      {
        flags: "--keep <number>",
        variable: "FTL_GATES_KEEP",
        help: "keep this many of each kind",
        parse: wholeNumber,
        default: "20",
      },
      {
        flags: "--days <number>",
        help: "keep those used in this many days",
        parse: wholeNumber,
        default: "30",
      },
    ],
  });
}

const EXAMPLES = `
Examples:
  ftl gate build ping service -M modules
  ftl gate build -M ansible_core-2.17.0-py3-none-any.whl --all -o all.pyz
  python3 all.pyz --info
`;
