// Renders templates in connection variables. A template sees its host's variables,
// which are rendered first if they are templates. An unknown name is an error, so
// that unrendered text is never returned.
import { dirname } from "@std/path";
import { InventoryError, messageOf } from "../../errors.ts";
import { ExactNumber } from "../../json/exact_number.ts";
import type { Host } from "../inventory.ts";
import { UnsafeText, VaultValue } from "../secret_value.ts";

/** Whether text is a template. */
function isTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}

/** The value of `omit`, which unsets a variable: `{{ x | default(omit) }}`. */
const OMIT = "__omit_place_holder__ftl";

type Render = (typeof import("./template_engine.ts"))["renderJinja"];

/** The variables of one host, as its templates see them. */
export class TemplateScope {
  readonly #host: Host;
  readonly #vars: Readonly<Record<string, unknown>>;
  readonly #rendered = new Map<string, unknown>();
  #render: Render | undefined;

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
    const rendered = await this.#plain(this.#vars[name], [name]);
    return rendered === OMIT || rendered === "" ? undefined : rendered;
  }

  /**
   * A variable or special variable, rendered; undefined when there is none.
   *
   * @throws {InventoryError} with host and variable.
   */
  async value(name: string): Promise<unknown> {
    return await this.#variable(name, []);
  }

  /** Whether a variable is set and not empty. */
  has(name: string): boolean {
    if (!Object.hasOwn(this.#vars, name)) return false;
    const value = this.#vars[name];
    return value !== undefined && value !== null && value !== "";
  }

  /** Renders every text in a value; `uses` is the path of variables to it. */
  async #plain(value: unknown, uses: readonly string[]): Promise<unknown> {
    if (value instanceof VaultValue) {
      value = await value.reveal(this.#describe(uses));
    }
    if (value instanceof UnsafeText) return value.text;
    if (value instanceof ExactNumber) return value;
    if (typeof value === "string") {
      return isTemplate(value) ? await this.#renderText(value, uses) : value;
    }
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value) items.push(await this.#plain(item, uses));
      return items;
    }
    if (typeof value !== "object" || value === null) return value;
    const object: Record<string, unknown> = Object.create(null);
    for (const [key, member] of Object.entries(value)) {
      object[key] = await this.#plain(member, uses);
    }
    return object;
  }

  async #renderText(
    template: string,
    uses: readonly string[],
  ): Promise<string> {
    this.#render ??= (await import("./template_engine.ts")).renderJinja;
    const visible: Record<string, unknown> = Object.create(null);
    for (const [name] of template.matchAll(/[A-Za-z_]\w*/g)) {
      const value = await this.#variable(name, uses);
      if (value !== undefined) visible[name] = value;
    }
    try {
      return this.#render(template, visible);
    } catch (cause) {
      throw this.#fault(template, uses, cause);
    }
  }

  async #variable(name: string, uses: readonly string[]): Promise<unknown> {
    if (this.#rendered.has(name)) return this.#rendered.get(name);
    if (!Object.hasOwn(this.#vars, name)) return this.#special(name);
    if (uses.includes(name)) {
      throw new InventoryError(
        `Cannot render ${
          this.#describe(uses)
        }: its template uses ${name} recursively`,
        { host: this.#host.name },
      );
    }
    const value = await this.#plain(this.#vars[name], [...uses, name]);
    this.#rendered.set(name, value);
    return value;
  }

  /** What Ansible sets for every host (its "special variables"). */
  #special(name: string): unknown {
    const { name: host, groups, source } = this.#host;
    switch (name) {
      case "inventory_hostname":
        return host;
      case "inventory_hostname_short":
        return /^[0-9.]+$|:/.test(host) ? host : host.split(".")[0];
      case "group_names":
        return [...groups].sort();
      case "inventory_file":
        return source;
      case "inventory_dir":
        return source === undefined ? undefined : dirname(source);
      case "ansible_playbook_python":
        return "auto"; // ftl's machine may have none
      case "omit":
        return OMIT;
      default:
        return undefined;
    }
  }

  #fault(
    template: string,
    uses: readonly string[],
    cause: unknown,
  ): InventoryError {
    const { skippedFiles = [] } = this.#host;
    const text = messageOf(cause);
    const why = text.split("\n")[0]?.replace(/ \(in <string>:\d+\)$/, "");
    // A password's template may hold half of it in plain text.
    const isSecret = uses.some((name) => /pass/i.test(name));
    const where = isSecret ? "" : ` in ${JSON.stringify(template)}`;
    return new InventoryError(
      `Cannot render ${this.#describe(uses)}: ${why}${where}`,
      {
        host: this.#host.name,
        hint: skippedFiles.length === 0
          ? "Use only the host's variables and Jinja's filters; lookups are not supported"
          : "Give the vault password with `vault`: " +
            `${skippedFiles.join(", ")} is encrypted, and was skipped`,
        ...(!isSecret && { cause }),
      },
    );
  }

  /** `ansible_host of web1`, or `ansible_host of web1 (by base_ip)`. */
  #describe([asked, ...others]: readonly string[]): string {
    const by = others.length > 0 ? ` (by ${others.join(", ")})` : "";
    return `${asked} of ${this.#host.name}${by}`;
  }
}
