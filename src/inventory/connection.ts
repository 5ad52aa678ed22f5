// How a host wants to be reached: Ansible's connection variables as typed
// settings. What is returned is rendered and makes sense, or is an error that
// names the host and the variable.
import { InventoryError } from "../errors.ts";
import { splitWords } from "./format/shell_words.ts";
import type { Host } from "./inventory.ts";
import { Secret } from "./secret.ts";
import { TemplateScope } from "./template.ts";

/** Ways to a host that an inventory may ask for. */
export type ConnectionKind = "ssh" | "openssh" | "local";

/** What a host's variables say about reaching it; undefined where they are silent. */
export interface ConnectionSettings {
  /** `ansible_connection`. */
  readonly connection: ConnectionKind | undefined;
  /** `ansible_host`: a name or an address. */
  readonly address: string | undefined;
  /** `ansible_port`. */
  readonly port: number | undefined;
  /** `ansible_user`. */
  readonly user: string | undefined;
  /** `ansible_password`. */
  readonly password: Secret | undefined;
  /** `ansible_ssh_private_key_file`, as it was written: `~` is not expanded. */
  readonly identityFile: string | undefined;
  /** The words of `ansible_ssh_common_args`, then of `ansible_ssh_extra_args`. */
  readonly sshArgs: readonly string[];
  /** `ansible_ssh_host_key_checking`. */
  readonly hostKeyChecking: boolean | undefined;
  /** `ansible_timeout`, which is in seconds there. */
  readonly connectTimeoutMs: number | undefined;
  /** `ansible_python_interpreter`; undefined also for `auto…`. */
  readonly pythonInterpreter: string | undefined;
  readonly become: BecomeSettings;
}

/** The `ansible_become*` variables. */
export interface BecomeSettings {
  readonly enabled: boolean | undefined;
  readonly method: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly executable: string | undefined;
  /** The words of `ansible_become_flags`. */
  readonly flags: readonly string[];
}

/** What else decides about a host's variables. */
export interface ConnectionOptions {
  /** Variables that win over all others (`--extra-vars`). */
  extraVars?: Readonly<Record<string, unknown>>;
}

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

/**
 * Reads a host's connection variables. Where Ansible knows several names for
 * one, the more specific wins (`ansible_ssh_user` over `ansible_user`).
 *
 * Passwords are read when they are revealed: one that is encrypted or cannot be
 * rendered is an error only for who needs it.
 *
 * @throws {InventoryError} naming host and variable.
 */
export async function connectionSettings(
  host: Host,
  options: ConnectionOptions = {},
): Promise<ConnectionSettings> {
  const reader = new SettingsReader(host, options.extraVars);
  return {
    connection: await reader.kind(),
    address: await reader.word("ansible_ssh_host", "ansible_host"),
    port: await reader.port("ansible_ssh_port", "ansible_port"),
    user: await reader.word("ansible_ssh_user", "ansible_user"),
    password: await reader.secret(
      "ansible_ssh_password",
      "ansible_ssh_pass",
      "ansible_password",
    ),
    identityFile: await reader.text(
      "ansible_ssh_private_key_file",
      "ansible_private_key_file",
    ),
    sshArgs: [
      ...await reader.words("ansible_ssh_common_args"),
      ...await reader.words("ansible_ssh_extra_args"),
    ],
    hostKeyChecking: await reader.flag(
      "ansible_ssh_host_key_checking",
      "ansible_host_key_checking",
    ),
    connectTimeoutMs: await reader.seconds(
      "ansible_ssh_timeout",
      "ansible_timeout",
    ),
    pythonInterpreter: await reader.interpreter(),
    become: {
      enabled: await reader.flag("ansible_become"),
      method: await reader.word("ansible_become_method"),
      user: await reader.word("ansible_become_user"),
      password: await reader.secret(
        "ansible_become_password",
        "ansible_become_pass",
      ),
      executable: await reader.text("ansible_become_exe"),
      flags: await reader.words("ansible_become_flags"),
    },
  };
}

/** A variable that is set. */
interface Setting {
  readonly name: string;
  readonly value: unknown;
}

class SettingsReader {
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
      `${name} is no connection that ftl has`,
      {
        hint: "There are ssh, openssh and local.",
      },
    );
  }

  /** Text that reaches a command line: one word that is no option. */
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
    // Ansible's BOOLEANS; an INI file gives them as text.
    const text = String(setting.value).toLowerCase();
    if (/^(?:true|yes|on|1|y|t)$/.test(text)) return true;
    if (/^(?:false|no|off|0|n|f)$/.test(text)) return false;
    throw this.#wrong(
      setting.name,
      `${JSON.stringify(setting.value)} is neither true nor false`,
    );
  }

  async words(name: string): Promise<string[]> {
    const setting = await this.#find([name]);
    if (!setting) return [];
    try {
      return splitWords(this.#textOf(setting));
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.#wrong(name, cause.message, { cause });
    }
  }

  async interpreter(): Promise<string | undefined> {
    const name = "ansible_python_interpreter";
    const path = await this.text(name);
    if (path === undefined || /^auto(?:_|$)/.test(path)) return undefined;
    if (/^[A-Za-z0-9_./+~][A-Za-z0-9_./+~-]*$/.test(path)) return path;
    throw this.#wrong(name, `${JSON.stringify(path)} is not a plain path`, {
      hint: "Give the interpreter's path alone, without options.",
    });
  }

  async secret(...names: readonly string[]): Promise<Secret | undefined> {
    try {
      const setting = await this.#find(names);
      if (!setting) return undefined;
      const text = this.#textOf(setting);
      return new Secret(() => text);
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      return new Secret(() => {
        throw error;
      });
    }
  }

  /** The first of the names that is set. */
  async #find(names: readonly string[]): Promise<Setting | undefined> {
    for (const name of names) {
      const value = await this.#scope.read(name);
      if (value !== undefined) return { name, value };
    }
    return undefined;
  }

  #textOf({ name, value }: Setting): string {
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw this.#wrong(name, "it is neither text nor a number");
  }

  #wrong(
    name: string,
    why: string,
    options: { hint?: string; cause?: unknown } = {},
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
