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
} from "./gate_handler.ts";

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
      const { handleGateBuild } = await import("./gate_handler.ts");
      return await handleGateBuild(modules, options, context);
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
      const { handleGateList } = await import("./gate_handler.ts");
      return await handleGateList(options, context);
    }));
  const show = gate.command("show")
    .summary("say what is in a gate, and why")
    .description(
      "Says what is in a gate: its modules, and what pulled in what.",
    )
    .argument("<gate>", "a file, or the beginning of an id")
    .action(action(async (name: string, options: FormatOptions) => {
      const { handleGateShow } = await import("./gate_handler.ts");
      return await handleGateShow(name, options, context);
    }));
  for (const command of [list, show]) {
    addOptions(command, { "Output:": [FORMAT] });
  }

  gate.command("verify")
    .summary("check that a gate is whole")
    .description("Checks every entry of a gate against its manifest.")
    .argument("<gates...>", "files, or the beginnings of ids")
    .action(action(async (names: string[]) => {
      const { handleGateVerify } = await import("./gate_handler.ts");
      return await handleGateVerify(names, context);
    }));

  const prune = gate.command("prune")
    .summary("remove gates and packs that are no longer used")
    .description(
      "Removes gates and packs from ~/.ftl; what is needed is rebuilt.",
    )
    .action(action(async (options: PruneOptions) => {
      const { handleGatePrune } = await import("./gate_handler.ts");
      return await handleGatePrune(options, context);
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
