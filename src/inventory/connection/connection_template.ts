// Renders templates in connection variables. An unknown name is an error, so that
// unrendered text is never returned.
import { InventoryError } from "../../errors.ts";
import { mayBeTemplate } from "../../template/syntax/delimiters.ts";
import {
  TemplateError,
  TemplateSyntaxError,
} from "../../template/template_error.ts";
import type { Host } from "../inventory.ts";
import { UnsafeText, VaultValue } from "../secret_value.ts";
import type { HostTemplates } from "../templates/host_templates.ts";
import { OMIT } from "../templates/omit.ts";

/** The variables of one host, as its connection variables see them. */
export class TemplateScope {
  readonly #host: Host;
  readonly #vars: Readonly<Record<string, unknown>>;

  /** @param vars The host's variables, with overrides applied. */
  constructor(host: Host, vars: Readonly<Record<string, unknown>>) {
    this.#host = host;
    this.#vars = vars;
  }

  /**
   * Reads a variable, rendered; undefined when it is unset, empty, or renders to
   * `omit`.
   *
   * @throws {InventoryError} with host and variable.
   */
  async read(name: string): Promise<unknown> {
    if (!this.has(name)) return undefined;
    const value = this.#vars[name];
    if (value instanceof UnsafeText) return value.text;
    if (!needsRendering(value)) return value;
    const rendered = await this.#rendered(name);
    return rendered === OMIT || rendered === "" || rendered === null
      ? undefined
      : rendered;
  }

  /** Whether a variable is set and not empty. */
  has(name: string): boolean {
    if (!Object.hasOwn(this.#vars, name)) return false;
    const value = this.#vars[name];
    return value !== undefined && value !== null && value !== "";
  }

  async #rendered(name: string): Promise<unknown> {
    const { name: host, groups, source } = this.#host;
    const target = { name: host, groups, ...(source && { source }) };
    try {
      const { value } = await (await connectionTemplates()).variable(name, {
        host: { ...target, vars: this.#vars },
      });
      return value;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw this.#fault(name, error);
    }
  }

  #fault(name: string, error: TemplateError): InventoryError {
    const { skippedFiles = [], name: host } = this.#host;
    // A password's template may hold half of it in plain text.
    const isSecret = /pass/i.test(name);
    const why = isSecret && error instanceof TemplateSyntaxError
      ? "its template is malformed"
      : error.reason.replace(` (in the variable '${name}')`, "");
    const template = this.#vars[name];
    const where = isSecret || typeof template !== "string"
      ? ""
      : ` in ${JSON.stringify(template)}`;
    return new InventoryError(
      `Cannot render ${name} of ${host}: ${why}${where}`,
      {
        host,
        ...(skippedFiles.length > 0 && {
          hint: "Give the vault password with `vault`: " +
            `${skippedFiles.join(", ")} is encrypted, and was skipped`,
        }),
        ...(!isSecret && { cause: error }),
      },
    );
  }
}

/** Whether a value is a template or encrypted, or holds such values. */
function needsRendering(value: unknown): boolean {
  if (typeof value === "string") return mayBeTemplate(value);
  if (typeof value !== "object" || value === null) return false;
  return value instanceof VaultValue || value instanceof UnsafeText ||
    Object.values(value).some(needsRendering);
}

let made: HostTemplates | undefined;

/** Loaded at the first template; most inventories have none. */
async function connectionTemplates(): Promise<HostTemplates> {
  const { HostTemplates } = await import("../templates/host_templates.ts");
  const inventory = { hosts: new Map(), groups: new Map() };
  return made ??= new HostTemplates({ inventory });
}
