// One rendering: the host's variables, those of other hosts that its templates ask
// for, and the secrets that they use.
import { orElse } from "../../template/values/first_of.ts";
import type {
  RenderingWorld,
  TemplateEngine,
} from "../../template/template_engine.ts";
import type { Template } from "../../template/run/template.ts";
import {
  changeSyntax,
  FILE_SYNTAX,
  TEXT_SYNTAX,
} from "../../template/syntax/delimiters.ts";
import { Bounds } from "../../template/values/bounds.ts";
import { toText } from "../../template/values/printed_text.ts";
import { Dict, type Value } from "../../template/values/template_value.ts";
import type { Host } from "../inventory.ts";
import { isPasswordName } from "../password_name.ts";
import { TEMPLATE_NAMES } from "../special_names.ts";
import type { Vault } from "../vault.ts";
import { ControllerFiles } from "./controller_files.ts";
import type { GroupsVariable } from "./groups_variable.ts";
import {
  type DefaultConnection,
  HostVariables,
  type HostVariablesOptions,
} from "./host_variables.ts";
import { MappingOf, VariableMapping } from "./mappings.ts";

/** What all renderings share. */
export interface RenderingContext {
  readonly engine: TemplateEngine;
  readonly groups: GroupsVariable;
  readonly vault: Vault | undefined;
  /** What files that Ansible Vault encrypted hold, by their encrypted texts. */
  readonly decrypted: Map<string, string>;
  /** A host with its facts among its variables. */
  readonly seen: (host: Host) => Host;
  readonly defaults: DefaultConnection;
}

/** What one rendering is about. */
export interface RenderingTarget {
  readonly host: Host;
  /** TemplateVariables that win over the host's. Default: none. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
  /** Whether a variable that the host lacks is false, and equals nothing. */
  readonly isLenient?: boolean | undefined;
  /** Whether the text may be a host's: it reads nothing of this machine. */
  readonly isSealed?: boolean | undefined;
  /** A folder that is searched for files too: that of the template. */
  readonly folder?: string | undefined;
}

/** The variables and the secrets of one rendering. */
export class RenderingScope {
  /** Texts that were encrypted, or whose variables are named like a password. */
  readonly secrets = new Set<string>();
  readonly variables: HostVariables;
  readonly world: RenderingWorld;
  readonly #context: RenderingContext;
  readonly #target: RenderingTarget;
  readonly #bounds = new Bounds();
  readonly #files: ControllerFiles;
  readonly #others = new Map<string, HostVariables>();

  /** @param printed What commands printed before this rendering started again. */
  constructor(
    context: RenderingContext,
    target: RenderingTarget,
    printed: Map<string, string>,
  ) {
    this.#context = context;
    this.#target = target;
    const { vault, decrypted } = context;
    this.#files = new ControllerFiles({
      vault,
      decrypted,
      printed,
      isSealed: target.isSealed,
      onSecret: (text) => this.secrets.add(text),
      ...(target.folder && { folders: [".", target.folder] }),
    });
    const { more } = target;
    this.variables = this.#variablesOf(target.host, {
      ...(more && { more }),
      defaults: context.defaults,
    });
    this.world = this.#worldOf(this.variables);
  }

  #variablesOf(
    host: Host,
    own: Pick<HostVariablesOptions, "more" | "defaults"> = {},
  ): HostVariables {
    const { engine, seen } = this.#context;
    let world: RenderingWorld | undefined;
    return new HostVariables({
      ...own,
      host: seen(host),
      isLenient: this.#target.isLenient,
      special: (name) => this.#special(name, host),
      specialNames: TEMPLATE_NAMES,
      onSecret: (text) => this.secrets.add(text),
      onUse: (name, value) => this.#noteSecrets(value, isPasswordName(name)),
      render: (text, about, self) =>
        engine.value(
          engine.parse(text, { file: about, syntax: TEXT_SYNTAX }),
          world ??= this.#worldOf(self),
        ),
    });
  }

  #special(name: string, host: Host): Value | undefined {
    if (name === "groups") return this.#context.groups.mapping();
    return name === "hostvars" ? this.#hostVars(host) : undefined;
  }

  #hostVars(host: Host): Value {
    const { hosts } = this.#context.groups;
    const read = (name: string): Value | undefined => {
      const other = name === host.name ? host : hosts.get(name);
      if (other === undefined) return undefined;
      let variables = this.#others.get(name);
      if (variables === undefined) {
        variables = this.#variablesOf(other);
        this.#others.set(name, variables);
      }
      return new VariableMapping("hostvars", variables);
    };
    return new MappingOf("hostvars", () => [...hosts.keys()], read);
  }

  #worldOf(variables: HostVariables): RenderingWorld {
    const { engine } = this.#context;
    const world: RenderingWorld = {
      variables,
      controller: this.#files,
      bounds: this.#bounds,
      load: (name, from) => this.#load(name, from),
      renderText: (text, file) =>
        engine.value(engine.parse(text, { file, syntax: TEXT_SYNTAX }), world),
      renderFile: (file, text, { more, syntax: options }) => {
        const syntax = changeSyntax(FILE_SYNTAX, options);
        const template = engine.parse(text, { file, syntax });
        if (more.size === 0) return engine.text(template, world);
        return engine.text(template, {
          ...world,
          variables: {
            names: () => [...more.keys(), ...variables.names()],
            get: (name) => orElse(more.get(name), () => variables.get(name)),
          },
        });
      },
    };
    return world;
  }

  /** Finds a template for include, import and extends. */
  #load(name: string, from: Template): Template | undefined {
    if (name.split("/").includes("..")) return undefined; // as Jinja's loader
    const path = this.#files.locate(name.replace(/^\/+/, ""), "templates");
    if (path === undefined) return undefined;
    return this.#context.engine.parse(this.#files.read(path), {
      file: path,
      syntax: from.syntax,
    });
  }

  /** Notes the texts of a value that is secret, or of its secret members. */
  #noteSecrets(value: Value, isSecret: boolean): void {
    if (value instanceof Dict) {
      for (const [name, member] of value.entries()) {
        this.#noteSecrets(
          member,
          isSecret || (typeof name === "string" && isPasswordName(name)),
        );
      }
    } else if (Array.isArray(value)) {
      for (const item of value) this.#noteSecrets(item, isSecret);
    } else if (isSecret) {
      const isText = typeof value === "string" || typeof value === "bigint" ||
        typeof value === "number";
      if (isText) this.secrets.add(toText(value));
    }
  }
}
