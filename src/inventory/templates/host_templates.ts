// Renders templates for hosts: arguments, variables and template files. The secrets
// that a template uses are told to the caller, for its mask.
import { dirname } from "@std/path";
import { InventoryError } from "../../errors.ts";
import { settled, TemplateEngine } from "../../template/template_engine.ts";
import { TemplateError } from "../../template/template_error.ts";
import type { Lookup } from "../../template/run/library_types.ts";
import type { Template } from "../../template/run/template.ts";
import {
  mayBeTemplate,
  type Syntax,
  TEXT_SYNTAX,
} from "../../template/syntax/delimiters.ts";
import { type Plain, toJson } from "../../template/values/from_json.ts";
import { toText } from "../../template/values/printed_text.ts";
import type { Host, Inventory } from "../inventory.ts";
import { selectHosts } from "../pattern/pattern.ts";
import { closest } from "../suggest.ts";
import type { Vault } from "../vault.ts";
import { GroupsVariable } from "./groups_variable.ts";
import type { DefaultConnection } from "./host_variables.ts";
import { OMIT } from "./omit.ts";
import {
  type RenderingContext,
  RenderingScope,
  type RenderingTarget,
} from "./rendering_scope.ts";
import { YAML_FILTERS } from "./yaml_filter.ts";

/** What all templates of a run share. */
export interface HostTemplatesOptions {
  /** Whose hosts and groups `hostvars` and `groups` are. */
  readonly inventory: Inventory;
  /** Decrypts values and files. Default: none can be decrypted. */
  readonly vault?: Vault | undefined;
  /** Adds the facts of a host to its variables. Default: none are known. */
  readonly seen?: ((host: Host) => Host) | undefined;
  /** How hosts are reached whose variables do not say it. */
  readonly defaults?: DefaultConnection | undefined;
}

/** What was rendered, and the secrets that it used. */
export interface Rendered<T> {
  readonly value: T;
  /** Texts that were encrypted, or whose variables are named like a password. */
  readonly secrets: readonly string[];
}

/** Renders templates for the hosts of one inventory. */
export class HostTemplates {
  readonly #context: RenderingContext;

  constructor(options: HostTemplatesOptions) {
    const { inventory } = options;
    this.#context = {
      engine: new TemplateEngine({
        filters: new Map(Object.entries(YAML_FILTERS)),
        lookups: new Map([["inventory_hostnames", hostNames(inventory)]]),
      }, closest),
      groups: new GroupsVariable(inventory),
      vault: options.vault,
      decrypted: new Map(),
      seen: options.seen ?? ((host) => host),
      defaults: options.defaults ?? {},
    };
  }

  /**
   * Parses every template in a value, without rendering it.
   *
   * @param about What the value is, for errors.
   * @throws {TemplateSyntaxError} with its place.
   */
  check(value: unknown, about: string): void {
    if (typeof value === "string") {
      if (!mayBeTemplate(value)) return;
      this.#context.engine.parse(value, { file: about, syntax: TEXT_SYNTAX });
    } else if (typeof value === "object" && value !== null) {
      for (const member of Object.values(value)) this.check(member, about);
    }
  }

  /**
   * Parses a template file.
   *
   * @throws {TemplateSyntaxError} with its place.
   */
  parseFile(text: string, file: string, syntax: Syntax): Template {
    return this.#context.engine.parse(text, { file, syntax });
  }

  /**
   * Renders every template in a value for a host. A text that is one expression
   * becomes the expression's value; what becomes `omit` is left out.
   *
   * @param about What the value is, for errors.
   * @throws {UndefinedError} when it uses what the host lacks.
   * @throws {TemplateError} with its place.
   * @throws {InventoryError} when something cannot be decrypted.
   */
  async value(
    value: Plain,
    about: string,
    target: RenderingTarget,
  ): Promise<Rendered<Plain>> {
    return await this.#render(
      target,
      ({ variables }) =>
        toJson(variables.value(value, about), (each) => each === OMIT),
    );
  }

  /**
   * Renders a template file for a host.
   *
   * @throws as `value` does.
   */
  async file(
    template: Template,
    target: RenderingTarget,
  ): Promise<Rendered<string>> {
    const folder = dirname(template.source.file);
    return await this.#render(
      { ...target, folder },
      ({ world }) => this.#context.engine.text(template, world),
    );
  }

  /**
   * Whether an expression is true for a host.
   *
   * @param about What it is, for errors.
   * @throws as `value` does.
   */
  async holds(
    expression: string,
    about: string,
    target: RenderingTarget,
  ): Promise<boolean> {
    const { engine } = this.#context;
    const text = `{% if (${expression}) %}1{% endif %}`;
    const template = engine.parse(text, { file: about, syntax: TEXT_SYNTAX });
    const { value } = await this.#render(
      target,
      ({ world }) => engine.text(template, world),
    );
    return value === "1";
  }

  /**
   * A variable of a host, rendered; undefined when it is not set.
   *
   * @throws as `value` does.
   */
  async variable(
    name: string,
    target: RenderingTarget,
  ): Promise<Rendered<Plain | undefined>> {
    return await this.#render(target, ({ variables }) => {
      const value = variables.get(name);
      return value === undefined ? undefined : toJson(value);
    });
  }

  async #render<T>(
    target: RenderingTarget,
    render: (scope: RenderingScope) => T,
  ): Promise<Rendered<T>> {
    const secrets = new Set<string>();
    const printed = new Map<string, string>();
    try {
      const value = await settled(() => {
        const scope = new RenderingScope(this.#context, target, printed);
        try {
          return render(scope);
        } finally {
          for (const secret of scope.secrets) secrets.add(secret);
        }
      });
      return { value, secrets: [...secrets] };
    } catch (error) {
      // Also that of a value that was read meanwhile, such as a command's output.
      if (!(error instanceof TemplateError)) throw error;
      throw error.hiding(secrets);
    }
  }
}

/** The lookup `inventory_hostnames`: the hosts that a pattern chooses. */
function hostNames(inventory: Inventory): Lookup {
  return (terms) => {
    const pattern = terms.flat().map(toText).join(":");
    try {
      return selectHosts(inventory, pattern).map((host) => host.name);
    } catch (error) {
      if (error instanceof InventoryError) return [];
      throw error;
    }
  };
}
