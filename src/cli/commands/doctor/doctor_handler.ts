// `ftl doctor`: checks this machine, and hosts when some are named. A problem is
// one line of the report, and never ends the command.
import type { Context } from "../context.ts";
import { EXIT } from "../../process/exit_code.ts";
import { type CliFleetOptions, makeFleet } from "../../input/fleet_options.ts";
import { readHosts } from "../../input/chosen_hosts.ts";
import type { HostOptions, OutputOptions } from "../../options/options.ts";
import { wantsColor } from "../../display/show_events.ts";
import { checkAnsible } from "./ansible_config.ts";
import { type Check, failed } from "./check.ts";
import { checkHome, checkStore } from "./folders.ts";
import { checkSessions } from "./session_check.ts";
import { checkHosts } from "./host_checks.ts";
import {
  checkOpenFiles,
  checkSystemSsh,
  checkTerminal,
  checkVersions,
} from "./machine.ts";
import {
  countVerdicts,
  type HostReport,
  type Report,
  reportJson,
  reportText,
} from "./doctor_report.ts";
import { checkInventory, checkModules } from "./source_checks.ts";
import { checkSettingsFile } from "./settings_check.ts";
import { checkSshFiles } from "./ssh_files.ts";
import { checkVariables } from "./variables.ts";

/** The options of `ftl doctor`. */
export type DoctorOptions =
  & HostOptions
  & CliFleetOptions
  & Pick<OutputOptions, "color">
  & { json?: boolean };

/** Runs all checks; resolves to the exit status. */
export async function handleDoctor(
  patterns: readonly string[],
  { options, variables, context }: {
    options: DoctorOptions;
    /** The environment variables that the command line reads. */
    variables: readonly string[];
    context: Context;
  },
): Promise<number> {
  const hasHosts = patterns.length > 0 || options.limit !== undefined;
  const checks = await checkMachine(options, variables, context);
  let hosts: HostReport[] = [];
  try {
    if (hasHosts) hosts = await examineHosts(patterns, options, context);
  } catch (error) {
    // An interrupt is not a finding about the hosts.
    if (!context.signal.aborted) checks.push(failed("hosts", error));
  }
  const report = { checks, hosts };
  context.out(
    options.json ? reportJson(report) : reportText(report, {
      color: wantsColor(options, context),
      verbose: (options.verbose ?? 0) > 0,
    }),
  );
  if (context.signal.aborted) return EXIT.interrupted;
  return statusOf(report);
}

/** As for a run, a failure takes precedence over unreachable hosts. */
function statusOf({ checks, hosts }: Report): number {
  const reached = hosts.filter(({ isReached }) => isReached);
  if (countVerdicts({ checks, hosts: reached }).fail > 0) return EXIT.failed;
  return reached.length < hosts.length ? EXIT.unreachable : EXIT.ok;
}

async function checkMachine(
  options: DoctorOptions,
  variables: readonly string[],
  context: Context,
): Promise<Check[]> {
  return [
    ...checkVersions(),
    await checkHome(context),
    await checkStore(),
    await checkSessions(context),
    checkVariables(variables),
    await checkSettingsFile(context),
    ...await checkSshFiles(options, context),
    await checkSystemSsh(),
    await checkOpenFiles(options),
    ...await checkModules(options, context),
    await checkInventory(options),
    ...await checkAnsible(context),
    ...checkTerminal(context),
  ];
}

async function examineHosts(
  patterns: readonly string[],
  options: DoctorOptions,
  context: Context,
): Promise<HostReport[]> {
  // Hosts can be named without an inventory.
  const inventory = options.inventory ?? [`${patterns.join(",")},`];
  const pattern = patterns.join(":");
  const { hosts } = await readHosts(
    { ...options, inventory, ...(pattern && { pattern }) },
    context,
  );
  await using fleet = await makeFleet(hosts, options, context, {
    direct: true,
  });
  return await checkHosts(fleet, hosts, { signal: context.signal });
}
