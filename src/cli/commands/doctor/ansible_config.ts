// What Ansible would read and ftl does not: the ansible.cfg that it would use
// here, and the variables of its environment. Each setting is named with what
// ftl has in its place.
import { join, resolve } from "@std/path";
import type { Context } from "../context.ts";
import { counterpartOf, counterpartOfVariable } from "./ansible_settings.ts";
import { type Check, count, failed } from "./check.ts";

/** The settings of a file and of the environment that ftl does not read. */
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
      return { name, verdict: "ok", found: "There is none" };
    }
    const settings = readSettings(await Deno.readTextFile(path));
    if (settings.length === 0) {
      return { name, verdict: "ok", found: `${path} sets nothing` };
    }
    return {
      name,
      verdict: "warn",
      found: `${path} sets ${
        count(settings.length, "thing")
      } for Ansible, and ftl does not read it`,
      remedy: "Say what still matters on the command line, or by a variable",
      details: settings.map(({ section, key }) =>
        `[${section}] ${key}: ${
          counterpartOf(section, key) ?? "nothing in ftl"
        }`
      ),
    };
  } catch (error) {
    return failed(name, error);
  }
}

/**
 * The file that Ansible would use (its documentation, "Ansible Configuration
 * Settings"): the first of these. One in a folder that everybody may write to
 * does not count.
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

/** The settings of an INI file, comments and empty values left out. */
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
    found: `${names.join(", ")}: set for Ansible, and ftl does not read ${
      names.length === 1 ? "it" : "them"
    }`,
    remedy: "Say what still matters by options or variables of ftl",
    details: names.map((name) =>
      `${name}: ${counterpartOfVariable(name) ?? "nothing in ftl"}`
    ),
  }];
}
