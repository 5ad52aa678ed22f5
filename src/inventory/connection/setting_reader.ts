// Reads connection variables one at a time, and checks their types. All errors
// about their values are made here.
import { isNumber } from "../../json/exact_number.ts";
import { InventoryError } from "../../errors.ts";
import { splitIniWords } from "../format/ini_words.ts";
import type { Host } from "../inventory.ts";
import { Secret, VaultValue } from "../secret_value.ts";
import { TemplateScope } from "./connection_template.ts";

/** The connections that an inventory may ask for. */
export type ConnectionKind = "ssh" | "openssh" | "local";

const KINDS: ReadonlyMap<string, ConnectionKind> = new Map([
  ["ssh", "ssh"],
  ["smart", "ssh"],
  ["paramiko", "ssh"],
  ["paramiko_ssh", "ssh"],
  ["ansible.builtin.ssh", "ssh"],
  ["ansible.builtin.paramiko_ssh", "ssh"],
  ["openssh", "openssh"],
  ["local", "local"],
  ["ansible.builtin.local", "local"],
]);

/** A variable that is set. */
interface Setting {
  readonly name: string;
  readonly value: unknown;
}

/** Reads the variables of one host, each with its type. */
export class SettingReader {
  /** The variables that settings come from. */
  readonly used = new Set<string>();
  readonly #scope: TemplateScope;

  constructor(
    private readonly host: Host,
    extraVars?: Readonly<Record<string, unknown>>,
  ) {
    const vars = extraVars
      ? Object.assign(Object.create(null), host.vars, extraVars)
      : host.vars;
    this.#scope = new TemplateScope(host, vars);
  }

  async kind(): Promise<ConnectionKind | undefined> {
    const name = await this.word("ansible_connection");
    if (name === undefined) return undefined;
    const kind = KINDS.get(name);
    if (kind) return kind;
    throw this.#wrong(
      "ansible_connection",
      `unknown connection '${name}'`,
      { hint: "Use ssh, openssh or local" },
    );
  }

  /** Text for a command line: one word that is not an option. */
  async word(...names: readonly string[]): Promise<string | undefined> {
    const setting = await this.#find(names);
    if (!setting) return undefined;
    const text = this.#textOf(setting);
    if (/[\s\p{Cc}]/u.test(text) || text.startsWith("-")) {
      throw this.#wrong(
        setting.name,
        `${JSON.stringify(text)} is not one plain word`,
      );
    }
    return text;
  }

  async text(...names: readonly string[]): Promise<string | undefined> {
    const setting = await this.#find(names);
    return setting && this.#textOf(setting);
  }

  async port(...names: readonly string[]): Promise<number | undefined> {
    const setting = await this.#find(names);
    if (!setting) return undefined;
    const text = this.#textOf(setting);
    const port = Number(text);
    if (/^[0-9]+$/.test(text) && port >= 1 && port <= 65_535) return port;
    throw this.#wrong(
      setting.name,
      `${JSON.stringify(text)} is not a port from 1 to 65535`,
    );
  }

  async seconds(...names: readonly string[]): Promise<number | undefined> {
    const setting = await this.#find(names);
    if (!setting) return undefined;
    const text = this.#textOf(setting);
    if (/^[0-9]+(?:\.[0-9]+)?$/.test(text) && Number(text) > 0) {
      return Number(text) * 1000;
    }
    throw this.#wrong(
      setting.name,
      `${JSON.stringify(text)} is not a number of seconds`,
    );
  }

  async flag(...names: readonly string[]): Promise<boolean | undefined> {
    const setting = await this.#find(names);
    if (!setting) return undefined;
    // Ansible's BOOLEANS; in an INI file they are text.
    const { value } = setting;
    const text = String(isNumber(value) ? Number(value) : value).toLowerCase();
    if (/^(?:true|yes|on|1|y|t)$/.test(text)) return true;
    if (/^(?:false|no|off|0|n|f)$/.test(text)) return false;
    throw this.#wrong(
      setting.name,
      `${JSON.stringify(setting.value)} is neither true nor false`,
    );
  }

  async words(...names: readonly string[]): Promise<string[]> {
    const setting = await this.#find(names);
    if (!setting) return [];
    try {
      return splitIniWords(this.#textOf(setting));
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.#wrong(setting.name, cause.message, { cause });
    }
  }

  /** Text that may be wrong without keeping others from using the host. */
  async optional(
    ...names: readonly string[]
  ): Promise<string | InventoryError | undefined> {
    try {
      return await this.text(...names);
    } catch (error) {
      if (error instanceof InventoryError) return error;
      throw error;
    }
  }

  /** A password, which is read when it is needed: that may ask the user. */
  secret(...names: readonly string[]): Secret | undefined {
    const set = names.find((name) => this.#scope.has(name));
    if (set === undefined) return undefined;
    this.used.add(set);
    return new Secret(async () => {
      const setting = await this.#find(names);
      return setting && this.#textOf(setting);
    }, plainText(this.host.vars[set]));
  }

  /** The first of the names that is set. Of most hosts nearly none is. */
  #find(names: readonly string[]): Promise<Setting | undefined> | undefined {
    const set = names.filter((name) => this.#scope.has(name));
    return set.length === 0 ? undefined : this.#read(set);
  }

  async #read(names: readonly string[]): Promise<Setting | undefined> {
    for (const name of names) {
      this.used.add(name);
      const value = await this.#scope.read(name);
      if (value !== undefined) return { name, value };
      this.used.delete(name);
    }
    return undefined;
  }

  #textOf({ name, value }: Setting): string {
    if (typeof value === "string") return value;
    if (isNumber(value)) return String(value);
    throw this.#wrong(name, "it is neither text nor a number");
  }

  #wrong(
    name: string,
    why: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ): InventoryError {
    return new InventoryError(
      `Cannot use ${name} of ${this.host.name}: ${why}`,
      {
        host: this.host.name,
        ...options,
      },
    );
  }
}

/** The text of a variable that needs neither rendering nor decrypting. */
function plainText(value: unknown): string | undefined {
  const text = value instanceof VaultValue ? value.known : value;
  if (isNumber(text)) return String(text);
  return typeof text === "string" && !/\{[{%#]/.test(text) ? text : undefined;
}
