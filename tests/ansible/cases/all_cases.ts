// All calls that Ansible and ftl are both asked to make.
import { ACTION_CASES } from "./actions.ts";
import type { Case } from "./case.ts";
import { COMMAND_CASES } from "./commands.ts";
import { CONTROLLER_CASES } from "./controller.ts";
import { FILE_CASES } from "./files.ts";
import { NETWORK_CASES } from "./network.ts";
import { SYSTEM_CASES } from "./system.ts";

export const CASES: readonly Case[] = [
  ...FILE_CASES,
  ...COMMAND_CASES,
  ...SYSTEM_CASES,
  ...ACTION_CASES,
  ...CONTROLLER_CASES,
  ...NETWORK_CASES,
];
