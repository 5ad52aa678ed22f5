// `ftl doctor`: what this machine has and lacks, and how far hosts are reached.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { DoctorOptions } from "./doctor_handler.ts";
import { addOptions, optionVariables } from "../../options/add_options.ts";
import {
  CONNECT_ROWS,
  HOST_ROWS,
  MODULE_ROWS,
  OUTPUT_ROWS,
} from "../../options/options.ts";

const SHOWN = OUTPUT_ROWS.filter(({ flags }) =>
  /--(?:color|verbose)/.test(flags)
);

/** Adds `ftl doctor`. */
export function addDoctor(program: Command, { context, action }: CommandHost) {
  const command = program.command("doctor")
    .summary("check what this machine has, and how hosts are reached")
    .description(
      "Checks what this machine has and lacks, and says what to do about it. " +
        "Hosts that are named are looked at too: the way there phase by phase, " +
        "their clock, folders and Python. The exit status is 1 when something " +
        "failed here, else 3 when a host was not reached.",
    )
    .argument("[hosts...]", "hosts to look at; the same as --limit")
    .addHelpText("after", EXAMPLES)
    .action(action(async (hosts: string[], options: DoctorOptions) => {
      const { handleDoctor } = await import("./doctor_handler.ts");
      const variables = optionVariables(program);
      return await handleDoctor(hosts, { options, variables, context });
    }));
  addOptions(command, {
    "Hosts:": HOST_ROWS,
    "Modules:": MODULE_ROWS,
    "Connections:": CONNECT_ROWS,
    "Output:": [{ flags: "--json", help: "one JSON document" }, ...SHOWN],
  });
}

const EXAMPLES = `
Examples:
  ftl doctor                              this machine
  ftl doctor -i hosts.yml -M modules      what these options mean here
  ftl doctor -i hosts.yml web1 db1        these hosts too
  ftl doctor -v --json | less             all that is known
`;
