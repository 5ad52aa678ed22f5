// The manual page ftl(1), made from the same data as the help. Options that
// several commands share are listed once.
import type { Argument, Command, Option } from "commander";
import { makeAllOptions } from "../options/add_options.ts";
import { VERSION } from "../process/version.ts";
import { MANUAL_FILES, MANUAL_VARIABLES } from "./manual_notes.ts";
import {
  bold,
  escapeRoff,
  italic,
  line,
  paragraph,
  part,
  section,
  term,
  verbatim,
} from "./roff.ts";
import {
  findShared,
  type SharedOptions,
  splitOptions,
} from "./shared_options.ts";

/** The manual page of a program. */
export function manualPage(program: Command): string {
  makeAllOptions(program);
  const commands = everyCommand(program);
  const shared = findShared(commands);
  const lines = [
    `.TH FTL 1 "" "ftl ${VERSION}" "User Commands"`,
    ...section("NAME", [
      "ftl \\- run automation modules on many hosts over SSH",
    ]),
    ...section("SYNOPSIS", commands.flatMap(synopsis)),
    ...section("DESCRIPTION", paragraph(program.description())),
    ...section(
      "COMMANDS",
      commands.flatMap((command) => describe(command, shared)),
    ),
    ...section(
      "OPTIONS",
      [...shared].flatMap(([heading, options]) =>
        part(escapeRoff(heading), options.flatMap(optionLines))
      ),
    ),
    ...section("ENVIRONMENT", [
      ...paragraph(
        "An option that lists a variable takes its value from that variable " +
          "when it is not on the command line.",
      ),
      ...MANUAL_VARIABLES.flatMap(([name, text]) =>
        term(bold(name), line(text))
      ),
    ]),
    ...section(
      "FILES",
      MANUAL_FILES.flatMap(([path, text]) => term(italic(path), line(text))),
    ),
    ...afterHelp(program).flatMap(({ title, text }) =>
      section(title.toUpperCase(), verbatimOrText(text))
    ),
    ...section("SEE ALSO", [".PP", "ssh_config(5), ansible(1)"]),
  ];
  return lines.join("\n") + "\n";
}

/** The commands that do something: those without subcommands. */
function everyCommand(command: Command): Command[] {
  return command.createHelp().visibleCommands(command)
    .filter((child) => child.name() !== "help")
    .flatMap((child) => {
      const inner = everyCommand(child as Command);
      return inner.length > 0 ? inner : [child as Command];
    });
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : "ftl";
}

function synopsis(command: Command): string[] {
  const options = command.options.length > 0 ? ["[OPTIONS]"] : [];
  const operands = command.registeredArguments.map(operand);
  return [
    ".br",
    [bold(nameOf(command)), ...options, ...operands].join(" "),
  ];
}

function operand(argument: Argument): string {
  const name = italic(argument.name().toUpperCase()) +
    (argument.variadic ? "\\&..." : "");
  return argument.required ? name : `[${name}]`;
}

function describe(command: Command, all: SharedOptions): string[] {
  const { own, shared } = splitOptions(command, all);
  const heading = [
    bold(nameOf(command)),
    ...command.registeredArguments.map(operand),
  ].join(" ");
  return part(heading, [
    line(command.description()),
    ...command.registeredArguments.flatMap((argument) =>
      term(operand(argument), line(describeOperand(argument)))
    ),
    ...own.flatMap(optionLines),
    ...shared.length > 0
      ? [
        ".PP",
        `It also takes these options from the sections below: ${
          shared.map(({ heading, only }) =>
            only === undefined
              ? `${italic(heading)} (all)`
              : `${italic(heading)} (${
                only.map(({ long }) => bold(long!)).join(", ")
              })`
          ).join("; ")
        }.`,
      ]
      : [],
    ...afterHelp(command).flatMap(({ text }) => verbatim(text)),
  ]);
}

function describeOperand({ description, argChoices }: Argument): string {
  return argChoices ? `${description}: ${argChoices.join(", ")}` : description;
}

function optionLines(option: Option): string[] {
  const notes = [
    ...option.argChoices ? [`One of: ${option.argChoices.join(", ")}.`] : [],
    ...option.envVar ? [`Variable: ${option.envVar}.`] : [],
  ];
  const about = option.description;
  const sentence = about.charAt(0).toUpperCase() + about.slice(1) + ".";
  return term(flagsOf(option), line([sentence, ...notes].join(" ")));
}

/** `-l, --limit PATTERN`, the names in bold. */
function flagsOf({ flags }: Option): string {
  return flags.split(/(<[^>]+>|[ ,=]+)/).map((word) => {
    if (word.startsWith("<")) return italic(word.slice(1, -1).toUpperCase());
    return word.startsWith("-") ? bold(word) : escapeRoff(word);
  }).join("");
}

/** The text that help prints after the options, in its parts. */
function afterHelp(command: Command): { title: string; text: string }[] {
  let text = "";
  // The types of commander hide that a command is an event emitter.
  const emitter = command as unknown as {
    emit(event: string, context: unknown): void;
  };
  emitter.emit("afterHelp", {
    command,
    error: false,
    write: (more: string) => text += more,
  });
  return text.trim().split(/\n\n+/).filter(Boolean).map((block) => {
    const [, title = "", rest = ""] = /^([A-Z][\w ]*):? ?\n?([^]*)$/
      .exec(block.replace(/^(Exit status): /, "$1:\n")) ?? [];
    return { title, text: rest };
  });
}

/** Indented lines are examples; other text is a paragraph. */
function verbatimOrText(text: string): string[] {
  return text.startsWith(" ")
    ? verbatim(text)
    : paragraph(text.replace(/\n/g, " "));
}
