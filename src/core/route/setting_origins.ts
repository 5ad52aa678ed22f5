// Where the settings of a host come from: a setting for all hosts, a variable, a
// line of ssh_config, or a default.
import {
  CONNECTION_VARIABLES,
  type ConnectionSettings,
} from "../../inventory/connection/connection_settings.ts";
import type { Json } from "../../protocol/message.ts";
import type { ConfigLines } from "../../transport/ssh_config/resolve_endpoint.ts";
import type { Directive } from "../../transport/ssh_config/parse_config.ts";
import type { ConnectionOverrides } from "./host_endpoint.ts";
import { SSH_ARGS } from "./ssh_args.ts";

/** Where a setting comes from. */
export type Origin =
  /** A setting for all hosts, by its name there. */
  | { readonly kind: "override"; readonly name: Override }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "line"; readonly file: string; readonly line: number }
  | { readonly kind: "default" };

/** The settings that all hosts can have in common. */
export type Override =
  | keyof ConnectionOverrides
  | "password"
  | "becomeUser"
  | "becomeMethod"
  | "becomePassword";

/** One setting of a host, with its origin. */
export interface Setting {
  readonly name: string;
  readonly value: Json;
  /** More than one when several lines add values. */
  readonly from: readonly Origin[];
}

/** The origin of a setting that nothing sets. */
export const DEFAULT: readonly Origin[] = [{ kind: "default" }];

/** Where a setting may come from, the one that wins first. */
interface Candidates {
  readonly override?: keyof ConnectionOverrides;
  readonly variables?: readonly string[];
  readonly keywords?: readonly string[];
  /** Whether lines replace the value of the variable, instead of losing to it. */
  readonly isRefinement?: boolean;
}

/** The settings that apply to bastions too. */
const FOR_ALL: ReadonlySet<string> = new Set<keyof ConnectionOverrides>([
  "hostKeys",
  "knownHostsFiles",
  "connectTimeoutMs",
]);

/** Finds the origins of one host's settings. */
export class Origins {
  readonly #overrides: ConnectionOverrides;
  readonly #hostSettings: ConnectionSettings;
  readonly #lines: ConfigLines | undefined;
  readonly #isTarget: boolean;

  constructor(
    { overrides, hostSettings, lines, isTarget = false }: {
      overrides: ConnectionOverrides;
      hostSettings: ConnectionSettings;
      lines?: ConfigLines;
      isTarget?: boolean;
    },
  ) {
    this.#overrides = overrides;
    this.#hostSettings = hostSettings;
    this.#lines = lines;
    this.#isTarget = isTarget;
  }

  setting(name: string, value: Json, candidates: Candidates): Setting {
    return { name, value, from: this.#of(candidates) };
  }

  #of(
    { override, variables = [], keywords = [], isRefinement }: Candidates,
  ): readonly Origin[] {
    const isOverridden = override !== undefined &&
      this.#overrides[override] !== undefined &&
      (this.#isTarget || FOR_ALL.has(override));
    if (isOverridden) return [{ kind: "override", name: override }];
    const lines = keywords.flatMap((word) => this.#lines?.get(word) ?? [])
      .flatMap((line) => this.#lineOrigins(line));
    if (isRefinement && lines.length > 0) return lines;
    const variable = variables.find((name) =>
      this.#hostSettings.variables.has(name)
    );
    if (variable && this.#isTarget) {
      return [{ kind: "variable", name: variable }];
    }
    return lines.length > 0 ? lines : DEFAULT;
  }

  /** Arguments of ssh may come from any of their variables. */
  #lineOrigins({ file, line }: Directive): Origin[] {
    if (file !== SSH_ARGS) return [{ kind: "line", file, line }];
    return [
      ...CONNECTION_VARIABLES.commonArgs,
      ...CONNECTION_VARIABLES.extraArgs,
    ]
      .filter((name) => this.#hostSettings.variables.has(name))
      .map((name) => ({ kind: "variable", name }));
  }
}

/** The first of some variables that the host has. */
export function variableOrigin(
  hostSettings: ConnectionSettings,
  names: readonly string[],
): Origin | undefined {
  const name = names.find((each) => hostSettings.variables.has(each));
  return name === undefined ? undefined : { kind: "variable", name };
}
