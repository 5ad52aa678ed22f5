// Checks the settings that Ansible would read and ftl does not: the ansible.cfg
// that applies here, and ANSIBLE_ variables. Each is listed with its counterpart
// in ftl.
import { join, resolve } from "@std/path";
import type { Context } from "../context.ts";
import { counterpartOf, counterpartOfVariable } from "./ansible_settings.ts";
import { type Check, count, failed } from "./check.ts";

/** Checks ansible.cfg and the environment. */
export async function checkAnsible(
  context: Context,
  variables: Iterable<string> = Object.keys(Deno.env.toObject()),
): Promise<Check[]> {
  return [
    await checkFile(context),
    ...checkVariables([...variables].filter((name) => /^ANSIBLE_/.test(name))),
  ];
}

async function checkFile(context: Context): Promise<Check> {
  const name = "ansible.cfg";
  try {
    const path = await findFile(context);
    if (path === undefined) {
      return { name, verdict: "ok", found: "None found" };
    }
    const settings = readSettings(await Deno.readTextFile(path));
    if (settings.length === 0) {
      return { name, verdict: "ok", found: `${path} has no settings` };
    }
    return {
      name,
      verdict: "warn",
      found: `${path} has ${
        count(settings.length, "setting")
      } for Ansible, which ftl does not read`,
      remedy: "Set what you need with the options and variables of ftl",
      details: settings.map(({ section, key }) =>
        `[${section}] ${key}: ${
          counterpartOf(section, key) ?? "no counterpart in ftl"
        }`
      ),
    };
  } catch (error) {
    return failed(name, error);
  }
}

/**
 * The file that Ansible would use: the first that exists (Ansible documentation,
 * "Ansible Configuration Settings"). The one in a current folder that everybody
 * can write to does not count.
 */
async function findFile(context: Context): Promise<string | undefined> {
  const chosen = context.env("ANSIBLE_CONFIG");
  const home = context.env("HOME");
  const current = await Deno.stat(".").catch(() => undefined);
  const isOpen = ((current?.mode ?? 0) & 0o002) !== 0;
  const candidates = [
    ...chosen ? [await nameIn(resolve(chosen))] : [],
    ...isOpen ? [] : [resolve("ansible.cfg")],
    ...home ? [join(home, ".ansible.cfg")] : [],
    "/etc/ansible/ansible.cfg",
  ];
  for (const path of candidates) {
    const info = await Deno.stat(path).catch(() => undefined);
    if (info?.isFile) return path;
  }
  return undefined;
}

/** ANSIBLE_CONFIG may name a folder. */
async function nameIn(path: string): Promise<string> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isDirectory ? join(path, "ansible.cfg") : path;
}

/** The settings of an INI file, without comments and empty values. */
export function readSettings(text: string): { section: string; key: string }[] {
  const settings: { section: string; key: string }[] = [];
  let section = "defaults";
  for (const line of text.split(/\r?\n/)) {
    const head = /^\[([^\]]+)\]/.exec(line);
    if (head) section = head[1]!.trim();
    const [, key] = /^([A-Za-z_]\w*)\s*[=:]\s*\S/.exec(line) ?? [];
    if (key !== undefined) settings.push({ section, key: key.toLowerCase() });
  }
  return settings;
}

function checkVariables(variables: readonly string[]): Check[] {
  const names = variables.filter((name) => name !== "ANSIBLE_CONFIG").sort();
  if (names.length === 0) return [];
  return [{
    name: "environment",
    verdict: "warn",
    found: `${names.join(", ")}: set for Ansible, and not read by ftl`,
    remedy: "Set what you need with the options and variables of ftl",
    details: names.map((name) =>
      `${name}: ${counterpartOfVariable(name) ?? "no counterpart in ftl"}`
    ),
  }];
}
