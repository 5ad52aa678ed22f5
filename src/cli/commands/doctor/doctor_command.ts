// Declares `ftl doctor`.
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
    .summary("check this machine and connections to hosts")
    .description(
      "Checks whether this machine has what ftl needs, and prints what to do " +
        "about problems. If hosts are named, checks them too: each phase of " +
        "connecting, the clock, folders and Python. The exit status is 1 if a " +
        "check failed, else 3 if a host was not reached.",
    )
    .argument("[hosts...]", "hosts to check; within --limit")
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
    "Output:": [{ flags: "--json", help: "print one JSON document" }, ...SHOWN],
  });
}

const EXAMPLES = `
Examples:
  ftl doctor                              check this machine
  ftl doctor -i hosts.yml -M modules      check this inventory and these modules
  ftl doctor -i hosts.yml web1 db1        check these hosts too
  ftl doctor -v --json | less             print every detail
`;
