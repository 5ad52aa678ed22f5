// `ftl inventory explain`: prints how a host is reached, and the origin of each
// setting. Contacts no host.
import {
  explainRoute,
  type Explanation,
} from "../../../core/route/explain_route.ts";
import type {
  Origin,
  Override,
  Setting,
} from "../../../core/route/setting_origins.ts";
import { findControllerEnv } from "../../../core/route/controller_env.ts";
import { implicitHost } from "../../../inventory/inventory.ts";
import { escapeLine, toJsonText } from "../../../output/escape.ts";
import { padWidth, widthOf } from "../../../output/width.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../../process/exit_code.ts";
import { becomeOf, connectionOf } from "../../input/fleet_options.ts";
import { readWithExtra } from "../../input/chosen_hosts.ts";
import { unknownName } from "./inventory_handler.ts";
import type { ConnectOptions, HostOptions } from "../../options/options.ts";
import { variableOrigins } from "../../input/variable_origins.ts";

/** The options of `ftl inventory explain`. */
export type InventoryExplainOptions = HostOptions & ConnectOptions & {
  format?: "text" | "json";
};

/** Finds where the value of an option came from: `env`, `cli`. */
export type OptionSource = (attribute: string) => string | undefined;

/** The options that set a connection setting for all hosts. */
const OPTIONS: Partial<Record<Override, keyof ConnectOptions>> = {
  user: "user",
  port: "port",
  identityFiles: "privateKey",
  transport: "connection",
  hostKeys: "hostKeys",
  knownHostsFiles: "knownHosts",
  connectTimeoutMs: "connectTimeout",
};

/** Prints how a host is reached; resolves to the exit status. */
export async function handleInventoryExplain(
  name: string,
  { options, context, sourceOf }: {
    options: InventoryExplainOptions;
    context: Context;
    sourceOf: OptionSource;
  },
): Promise<number> {
  const { inventory, withExtra, extra } = await readWithExtra(options, context);
  const known = inventory.hosts.get(name) ?? implicitHost(name);
  if (known === undefined) {
    throw unknownName("host", name, inventory.hosts.keys());
  }
  const explanation = await explainRoute(withExtra(known), {
    overrides: {
      ...connectionOf(options),
      become: becomeOf(options, context),
    },
    shared: [
      ...(options.askPass ?? options.passwordFile) === undefined
        ? []
        : ["password" as const],
      ...(options.askBecomePass ?? options.becomePasswordFile) === undefined
        ? []
        : ["becomePassword" as const],
    ],
    controllerEnv: await findControllerEnv({ config: options.sshConfig }),
  });
  const origins = inventory.hosts.has(name)
    ? variableOrigins(inventory, name)
    : null;
  const describe = (origin: Origin): string => {
    switch (origin.kind) {
      case "default":
        return "default";
      case "line":
        return `${origin.file}:${origin.line}`;
      case "variable": {
        const variable = origin.name;
        if (Object.hasOwn(extra, variable)) return `${variable}, --extra-vars`;
        const place = origins?.get(variable);
        return place ? `${variable}, ${place}` : variable;
      }
      case "override":
        return optionText(origin.name, { options, sourceOf });
    }
  };
  const text = options.format === "json"
    ? toJsonText(asJson(explanation, describe), 2)
    : asText(explanation, describe);
  context.out(text + "\n");
  return EXIT.ok;
}

function optionText(
  name: Override,
  { options, sourceOf }: { options: ConnectOptions; sourceOf: OptionSource },
): string {
  const attribute = name === "password"
    ? options.askPass ? "askPass" : "passwordFile"
    : name === "becomePassword"
    ? options.askBecomePass ? "askBecomePass" : "becomePasswordFile"
    : OPTIONS[name] ?? name;
  if (name === "become" && options.become === undefined) return "FTL_BECOME";
  const flag = attribute.replace(/[A-Z]/g, (letter) => `-${letter}`);
  return sourceOf(attribute) === "env"
    ? `FTL_${flag.replaceAll("-", "_").toUpperCase()}`
    : `--${flag.toLowerCase()}`;
}

function asText(
  { host, settings, stops, ignored }: Explanation,
  describe: (origin: Origin) => string,
): string {
  const rows = (some: readonly Setting[]) =>
    some.map(({ name, value, from }) => ({
      name: name.replace(/_ms$/, "").replaceAll("_", " "),
      value: escapeLine(valueText(name, value)),
      from: escapeLine(from.map(describe).join("; ")),
    }));
  const blocks = [
    { title: "", rows: rows(settings) },
    ...stops.map((stop, i) => ({
      title: i === stops.length - 1
        ? `host ${stop.host}`
        : `bastion ${stop.host}`,
      rows: rows(stop.settings),
    })),
  ];
  const all = blocks.flatMap((block) => block.rows);
  const width = (column: "name" | "value", most: number) =>
    Math.min(most, Math.max(...all.map((row) => widthOf(row[column]))));
  const [names, values] = [width("name", 20), width("value", 40)];
  const way = stops.map((stop) => stop.host).join(" > ");
  const lines = [escapeLine(way || host)];
  for (const { title, rows } of blocks) {
    if (title !== "") lines.push(`  ${escapeLine(title)}`);
    for (const { name, value, from } of rows) {
      lines.push(
        `    ${padWidth(name, names)}  ${padWidth(value, values)}  (${from})`,
      );
    }
  }
  for (const { file, line, ...what } of ignored) {
    const keyword = what.kind === "set" ? what.keyword : what.kind;
    lines.push(escapeLine(`  ignored: ${keyword} of ${file}:${line}`));
  }
  return lines.join("\n");
}

function valueText(name: string, value: Setting["value"]): string {
  if (name.endsWith("_ms") && typeof value === "number") {
    return `${value / 1000} s`;
  }
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === "" ? "none" : String(value);
}

function asJson(
  { host, settings, stops, ignored }: Explanation,
  describe: (origin: Origin) => string,
): unknown {
  const object = (some: readonly Setting[]) =>
    Object.fromEntries(some.map(({ name, value, from }) => [
      name,
      { value, from: from.map(describe) },
    ]));
  return {
    host,
    settings: object(settings),
    route: stops.map((stop) => ({
      host: stop.host,
      settings: object(stop.settings),
    })),
    not_followed: ignored.map(({ file, line }) => `${file}:${line}`),
  };
}
