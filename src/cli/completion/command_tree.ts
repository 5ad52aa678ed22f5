// The tree of commands for completion: plain data that is read from the program
// itself, so that no option can be missing.
import type { Command, Option } from "commander";
import { makeAllOptions } from "../options/add_options.ts";

/** The value of an option or an operand; scripts ask ftl for the first five. */
export type CompletionKind =
  | "patterns"
  | "hosts"
  | "modules"
  | "arguments"
  | "jobs"
  | "sessions"
  | "file"
  | "folder"
  | "nothing";

/** A kind, or the list of allowed words. */
export type CompletionValue = CompletionKind | readonly string[];

/** One option. */
export interface OptionNode {
  /** `-l` and `--limit`, or one of them. */
  readonly names: readonly string[];
  readonly help: string;
  /** Undefined: it takes no value. */
  readonly value?: CompletionValue;
}

/** One command. */
export interface CommandNode {
  /** `""` for ftl itself, `/gate/build` for `ftl gate build`. */
  readonly path: string;
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionNode[];
  /** The kind of the first operand, and of the others. */
  readonly operands: readonly [first: CompletionValue, others: CompletionValue];
  /** Names of its subcommands. */
  readonly commands: readonly string[];
}

const VALUES: Readonly<Record<string, CompletionKind>> = {
  limit: "patterns",
  module: "modules",
  ftlModule: "modules",
  inventory: "file",
  privateKey: "file",
  knownHosts: "file",
  gate: "file",
  script: "file",
  requirements: "file",
  passwordFile: "file",
  becomePasswordFile: "file",
  vaultPasswordFile: "file",
  moduleDir: "file",
  moduleUtils: "folder",
  collectionsPath: "folder",
  wheelhouse: "folder",
  output: "file",
  report: "file",
};

const OPERANDS: Readonly<
  Record<string, readonly [CompletionKind, CompletionKind]>
> = {
  "/run": ["modules", "arguments"],
  "/console": ["patterns", "nothing"],
  "/open": ["patterns", "nothing"],
  "/close": ["sessions", "nothing"],
  "/doctor": ["patterns", "patterns"],
  "/push": ["file", "file"],
  "/fetch": ["file", "folder"],
  "/gate/build": ["modules", "modules"],
  "/gate/show": ["file", "nothing"],
  "/gate/verify": ["file", "file"],
  "/inventory/list": ["patterns", "nothing"],
  "/inventory/show": ["hosts", "nothing"],
  "/inventory/explain": ["hosts", "nothing"],
  "/jobs/status": ["jobs", "nothing"],
  "/jobs/wait": ["jobs", "nothing"],
  "/jobs/cancel": ["jobs", "nothing"],
  "/module/doc": ["modules", "nothing"],
  "/runs/merge": ["file", "file"],
};

/** Reads the tree of a program, the program itself first. */
export function readTree(program: Command): CommandNode[] {
  makeAllOptions(program);
  return nodesOf(program, "");
}

/** Every option that takes a value, as `PATH:NAME`. */
export function optionsWithValue(tree: readonly CommandNode[]): string[] {
  return tree.flatMap(({ path, options }) =>
    options.filter(({ value }) => value !== undefined)
      .flatMap(({ names }) => names.map((name) => `${path}:${name}`))
  );
}

function nodesOf(command: Command, path: string): CommandNode[] {
  const visible = command.createHelp().visibleCommands(command)
    .filter((child) => child.name() !== "help");
  const node: CommandNode = {
    path,
    name: command.name(),
    help: command.summary() || command.description(),
    options: command.createHelp().visibleOptions(command).map(optionOf),
    operands: OPERANDS[path.replace(/[^/]*$/, command.name())] ??
      [command.registeredArguments[0]?.argChoices ?? "nothing", "nothing"],
    commands: visible.map((child) => child.name()),
  };
  return [
    node,
    ...visible.flatMap((child) =>
      [child.name(), ...child.aliases()].flatMap((name) =>
        nodesOf(child as Command, `${path}/${name}`)
      )
    ),
  ];
}

function optionOf(option: Option): OptionNode {
  const names = [option.short, option.long].filter((name) =>
    name !== undefined && name !== null
  );
  const help = option.description.replace(/ \(default: .*\)$/, "");
  if (!option.required && !option.optional) return { names, help };
  const value = option.argChoices ?? VALUES[option.attributeName()] ??
    "nothing";
  return { names, help, value };
}
