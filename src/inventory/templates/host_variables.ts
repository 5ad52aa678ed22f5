// The variables of one host as its templates see them: rendered when they are used,
// decrypted when they are needed. Each use gives a fresh copy, so that a template
// that changes a list changes nothing else.
import { dirname, resolve } from "@std/path";
import {
  Pending,
  TemplateError,
  UndefinedError,
} from "../../template/template_error.ts";
import type { TemplateVariables } from "../../template/run/services.ts";
import { mayBeTemplate } from "../../template/syntax/delimiters.ts";
import { fromJson } from "../../template/values/from_json.ts";
import {
  Dict,
  Undefined,
  type Value,
} from "../../template/values/template_value.ts";
import type { Host } from "../inventory.ts";
import { UnsafeText, VaultValue } from "../secret_value.ts";
import { VariableMapping } from "./mappings.ts";
import { OMIT } from "./omit.ts";

/** How hosts are reached whose variables do not say it. */
export interface DefaultConnection {
  readonly user?: string | undefined;
  /** `ssh`, `openssh` or `local`. Default: `ssh`. */
  readonly connection?: string | undefined;
}

/** The two names that a variable of the connection has for Ansible. */
const OTHER_NAME: Readonly<Record<string, string>> = {
  ansible_host: "ansible_ssh_host",
  ansible_ssh_host: "ansible_host",
  ansible_port: "ansible_ssh_port",
  ansible_ssh_port: "ansible_port",
  ansible_user: "ansible_ssh_user",
  ansible_ssh_user: "ansible_user",
};

/** How the variables of a host are read. */
export interface HostVariablesOptions {
  readonly host: Host;
  /** TemplateVariables that win over the host's. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
  /** Defined for the host that a template is rendered for, as in Ansible. */
  readonly defaults?: DefaultConnection | undefined;
  /** Whether a variable that it lacks is false, and equals nothing. */
  readonly isLenient?: boolean | undefined;
  /** What every host has: `groups`, `hostvars`. */
  special(name: string): Value | undefined;
  readonly specialNames: readonly string[];
  /** Renders a text that is a template. */
  render(text: string, about: string, self: HostVariables): Value;
  /** Called with the value of each variable that is used. */
  onUse(name: string, value: Value): void;
  /** Called with each text that was encrypted. */
  onSecret(text: string): void;
}

/** What encrypted values turned out to be. */
const revealed = new WeakMap<VaultValue, unknown>();

/** The variables of one host. */
export class HostVariables implements TemplateVariables {
  readonly #options: HostVariablesOptions;
  /** The variables that are being rendered. */
  readonly #active: string[] = [];

  constructor(options: HostVariablesOptions) {
    this.#options = options;
  }

  get host(): Host {
    return this.#options.host;
  }

  names(): string[] {
    const { more = {}, host, specialNames } = this.#options;
    return [
      ...new Set([
        ...Object.keys(more),
        ...Object.keys(host.vars),
        ...specialNames,
      ]),
    ];
  }

  get(name: string): Value | undefined {
    const { isLenient, special, onUse } = this.#options;
    const owner = this.#ownerOf(name);
    let value: Value | undefined;
    if (owner !== undefined) value = this.#rendered(name, owner[name]);
    else value = special(name) ?? this.#own(name);
    if (value !== undefined) onUse(name, value);
    else if (isLenient) return new Undefined(`'${name}' is undefined`, true);
    return value;
  }

  /** The variables that hold one; undefined when it is not set. */
  #ownerOf(name: string): Readonly<Record<string, unknown>> | undefined {
    const { more, host } = this.#options;
    return [more, host.vars].find((vars) =>
      vars !== undefined && Object.hasOwn(vars, name)
    );
  }

  /**
   * What Ansible sets for a task where it is not set: the connection, by both names.
   */
  #ofConnection(name: string): Value | undefined {
    const { defaults, host } = this.#options;
    if (defaults === undefined) return undefined;
    if (name === "ansible_connection") return defaults.connection ?? "ssh";
    const other = OTHER_NAME[name];
    if (other === undefined) return undefined;
    const owner = this.#ownerOf(other);
    if (owner !== undefined && !this.#active.includes(other)) {
      return this.#rendered(other, owner[other]);
    }
    if (name.endsWith("_host")) return host.name;
    return name.endsWith("_user") ? defaults.user : undefined;
  }

  /** What Ansible sets for every host (its "special variables"). */
  #own(name: string): Value | undefined {
    const { host } = this.#options;
    switch (name) {
      case "inventory_hostname":
        return host.name;
      case "inventory_hostname_short":
        return /^[0-9.]+$|:/.test(host.name)
          ? host.name
          : host.name.split(".")[0]!;
      case "group_names":
        return host.groups.length === 0
          ? ["ungrouped"]
          : host.groups.toSorted();
      case "inventory_file":
        return host.source === undefined ? undefined : resolve(host.source);
      case "inventory_dir":
        return host.source === undefined
          ? undefined
          : dirname(resolve(host.source));
      case "ansible_playbook_python":
        return "auto"; // ftl's machine may have none
      case "ansible_facts":
        return new Dict();
      case "omit":
        return OMIT;
      case "vars":
        return new VariableMapping("dict", this);
      default:
        return this.#ofConnection(name);
    }
  }

  #rendered(name: string, raw: unknown): Value {
    if (this.#active.includes(name)) {
      throw new TemplateError(
        `the variable '${name}' uses itself: ${
          [...this.#active, name].join(", ")
        }`,
      );
    }
    this.#active.push(name);
    try {
      return this.value(raw, name);
    } catch (error) {
      if (!(error instanceof UndefinedError)) throw error;
      return new Undefined(`${error.reason} (in the variable '${name}')`);
    } finally {
      this.#active.pop();
    }
  }

  /**
   * A value of an inventory or of arguments, with every template in it rendered.
   *
   * @param about What the value is, for errors.
   */
  value(raw: unknown, about: string): Value {
    return fromJson(raw, (leaf) => this.#leaf(leaf, about));
  }

  #leaf(leaf: unknown, about: string): Value {
    if (leaf instanceof UnsafeText) return leaf.text;
    if (leaf instanceof VaultValue) {
      const plain = this.#reveal(leaf, about);
      if (typeof plain !== "boolean") this.#options.onSecret(String(plain));
      // As in Ansible, text that is encrypted by itself is not a template.
      return fromJson(
        plain,
        leaf.known === undefined
          ? undefined
          : (inner) => this.#leaf(inner, about),
      );
    }
    if (typeof leaf !== "string") return String(leaf);
    return mayBeTemplate(leaf) ? this.#options.render(leaf, about, this) : leaf;
  }

  #reveal(value: VaultValue, about: string): unknown {
    if (revealed.has(value)) return revealed.get(value);
    throw new Pending(
      value.reveal(`${about} of ${this.host.name}`)
        .then((plain) => revealed.set(value, plain)),
    );
  }
}
