// Fills in the templates in a call's arguments for each host. Errors in their
// syntax are found before any host is contacted; hosts for which they give the same
// arguments share what is made of these.
import { BuildError, CallError } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { HostTemplates } from "../../inventory/templates/host_templates.ts";
import { mayBeTemplate } from "../../template/syntax/delimiters.ts";
import { TemplateError } from "../../template/template_error.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { Call } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";

/** Arguments for a host, and the secrets among the variables that they use. */
export interface RenderedArguments {
  readonly args: JsonObject;
  readonly secrets: readonly string[];
}

/** Renders the arguments of one call. */
export interface ArgumentTemplates {
  /**
   * The arguments for a host; the same object for hosts with equal ones.
   *
   * @throws {CallError} when the host lacks a variable, or a template fails.
   * @throws {InventoryError} when a variable cannot be decrypted.
   */
  render(args: JsonObject, host: Host): Promise<RenderedArguments>;
}

/** How many different arguments are kept for hosts that need the same. */
const MAX_KEPT = 1_000;

/**
 * Prepares the rendering of a call's arguments; undefined when they are not
 * rendered.
 *
 * @param hosts The names of the hosts of the run, for `ansible_play_hosts`.
 * @throws {BuildError} when a template in the arguments is malformed, or names
 *   an unknown filter, test or lookup.
 */
export async function planArguments(
  call: Call,
  fleet: HostFleet,
  hosts: readonly string[],
): Promise<ArgumentTemplates | undefined> {
  if (!("module" in call) || !call.render) return undefined;
  const literal = new Set(call.literal);
  const isRendered = (name: string, value: Json) =>
    !literal.has(name) && holdsTemplate(value);
  const holdsAny = (args: JsonObject) =>
    Object.entries(args).some(([name, value]) => isRendered(name, value));
  let templates: HostTemplates | undefined;
  if (holdsAny(call.args ?? {})) {
    templates = await fleet.templates();
    for (const [name, value] of Object.entries(call.args ?? {})) {
      if (isRendered(name, value)) checkSyntax(templates, value, name);
    }
  }
  const more = runVariables(call, hosts);
  const kept = new Map<string, RenderedArguments>();
  return {
    async render(args, host) {
      if (!holdsAny(args)) return { args, secrets: [] };
      templates ??= await fleet.templates();
      const rendered = await renderAll(args, isRendered, {
        templates,
        host,
        more,
      });
      const key = JSON.stringify(rendered);
      const same = kept.get(key);
      if (same !== undefined) return same;
      if (kept.size < MAX_KEPT) kept.set(key, rendered);
      return rendered;
    },
  };
}

/** The variables that Ansible sets for a run (its "special variables"). */
export function runVariables(
  { check, diff, verbosity }: Call,
  hosts: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    ansible_check_mode: check ?? false,
    ansible_diff_mode: diff ?? false,
    ansible_verbosity: verbosity ?? 0,
    ansible_play_hosts: hosts,
    ansible_play_hosts_all: hosts,
    ansible_play_batch: hosts,
    play_hosts: hosts,
    playbook_dir: Deno.cwd(),
  };
}

function holdsTemplate(value: Json): boolean {
  if (typeof value === "string") return mayBeTemplate(value);
  if (Array.isArray(value)) return value.some(holdsTemplate);
  return isObject(value) && Object.values(value).some(holdsTemplate);
}

function checkSyntax(
  templates: HostTemplates,
  value: Json,
  name: string,
): void {
  try {
    templates.check(value, name);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new BuildError(
      `Cannot render the argument ${name}: ${reasonOf(error)}`,
      { cause: error, hint: "Keep text that is not a template with `literal`" },
    );
  }
}

async function renderAll(
  args: JsonObject,
  isRendered: (name: string, value: Json) => boolean,
  { templates, host, more }: {
    templates: HostTemplates;
    host: Host;
    more: Readonly<Record<string, unknown>>;
  },
): Promise<RenderedArguments> {
  const members: [string, Json][] = [];
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    if (!isRendered(name, value)) {
      members.push([name, value]);
      continue;
    }
    try {
      // As a member, so that an argument that becomes `omit` is left out.
      const wrapped = { [name]: value };
      const rendered = await templates.value(wrapped, name, { host, more });
      for (const member of Object.entries(rendered.value as JsonObject)) {
        members.push(member);
      }
      for (const secret of rendered.secrets) secrets.push(secret);
    } catch (error) {
      throw failure(error, `Cannot render the argument ${name}`, host);
    }
  }
  return { args: Object.fromEntries(members), secrets };
}

/** The error of a host whose template failed. */
export function failure(error: unknown, what: string, host: Host): unknown {
  if (!(error instanceof TemplateError)) return error;
  const { skippedFiles = [] } = host;
  return new CallError(`${what}: ${reasonOf(error)}`, {
    host: host.name,
    cause: error,
    hint: skippedFiles.length === 0
      ? undefined
      : `Give the vault password with \`vault\`: ${
        skippedFiles.join(", ")
      } is encrypted, and was skipped`,
  });
}

/** What went wrong, with its place in the argument. */
function reasonOf({ reason, place, message }: TemplateError): string {
  if (place === undefined) return reason;
  if (place.file.includes("/")) return message;
  return `${reason} (line ${place.line}, column ${place.column})`;
}
