// From a host of the inventory to the place where it is: its variables (those
// that Ansible knows), what was said for all hosts, and defaults. Nothing that
// is not rendered or makes no sense gets past here.
import { InventoryError } from "../errors.ts";
import type { Host } from "../inventory/inventory.ts";
import type { Endpoint } from "../transport/transport.ts";

/** What is said for all hosts and wins over their variables. */
export interface ConnectionOverrides {
  user?: string | undefined;
  port?: number | undefined;
  /** Private key files. */
  identityFiles?: readonly string[] | undefined;
  transport?: Endpoint["transport"] | undefined;
  /** The Python interpreter on the hosts. */
  python?: string | undefined;
}

/** How a host is reached, and which Python runs there. */
export interface Route {
  readonly endpoint: Endpoint;
  /** Undefined: the first that is found. */
  readonly python: string | undefined;
}

/** What to assume where neither the inventory nor the caller says. */
export interface RouteDefaults {
  /** The user who runs ftl. */
  user: string;
  /** For `~` in the names of key files. */
  home?: string | undefined;
}

/** Connections by the names that inventories use for them. */
const TRANSPORTS: ReadonlyMap<string, Endpoint["transport"]> = new Map([
  ["ssh", "ssh"],
  ["smart", "ssh"],
  ["paramiko", "ssh"],
  ["paramiko_ssh", "ssh"],
  ["ansible.builtin.ssh", "ssh"],
  ["local", "local"],
  ["ansible.builtin.local", "local"],
]);

/**
 * Says how a host is reached.
 *
 * @throws {InventoryError} that names the host and the variable.
 */
export function resolveRoute(
  host: Host,
  overrides: ConnectionOverrides,
  defaults: RouteDefaults,
): Route {
  const read = (...names: string[]) => readVariable(host, names);
  const transport = overrides.transport ?? readTransport(host);
  const identity = read(
    "ansible_ssh_private_key_file",
    "ansible_private_key_file",
  );
  return {
    endpoint: {
      name: host.name,
      transport,
      address: read("ansible_host", "ansible_ssh_host") ?? host.name,
      port: overrides.port ?? readPort(host) ?? 22,
      user: overrides.user ?? read("ansible_user", "ansible_ssh_user") ??
        defaults.user,
      identityFiles: (overrides.identityFiles ?? (identity ? [identity] : []))
        .map((file) => expandHome(file, defaults.home)),
    },
    python: readPython(host, overrides),
  };
}

/** What tells one host and user from another, whatever its name is. */
export function routeKey({ endpoint }: Route): string {
  const { transport, user, address, port } = endpoint;
  return transport === "ssh"
    ? `${user}@${address}:${port}`
    : `${transport}:${user}@${endpoint.name}`;
}

function readTransport(host: Host): Endpoint["transport"] {
  const name = readVariable(host, ["ansible_connection"]) ?? "ssh";
  const transport = TRANSPORTS.get(name);
  if (transport === undefined) {
    throw wrong(host, "ansible_connection", `${name} is none of ssh and local`);
  }
  return transport;
}

function readPort(host: Host): number | undefined {
  const text = readVariable(host, ["ansible_port", "ansible_ssh_port"]);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw wrong(host, "ansible_port", `${text} is not a port`);
  }
  return port;
}

function readPython(
  host: Host,
  overrides: ConnectionOverrides,
): string | undefined {
  const python = overrides.python ??
    readVariable(host, ["ansible_python_interpreter"]);
  if (python === undefined || python.startsWith("auto")) return undefined;
  if (!/^[A-Za-z0-9_./+~][A-Za-z0-9_./+~-]{0,254}$/.test(python)) {
    throw wrong(
      host,
      "ansible_python_interpreter",
      `${JSON.stringify(python)} is not a plain path`,
    );
  }
  return python;
}

/** The first of the variables that is set, as text. */
function readVariable(
  host: Host,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(host.vars, name) ? host.vars[name] : undefined;
    if (value === undefined || value === null || value === "") continue;
    if (typeof value !== "string" && typeof value !== "number") {
      throw wrong(host, name, "it is neither text nor a number");
    }
    const text = String(value);
    if (text.includes("{{") || text.includes("{%")) {
      throw wrong(host, name, `${JSON.stringify(text)} is a template`);
    }
    const isWord = name.endsWith("_file")
      ? /^\P{Cc}+$/u.test(text)
      : /^[^\s\p{Cc}-][^\s\p{Cc}]*$/u.test(text);
    if (!isWord) {
      throw wrong(host, name, `${JSON.stringify(text)} is not a plain word`);
    }
    return text;
  }
  return undefined;
}

function expandHome(file: string, home: string | undefined): string {
  return home !== undefined && file.startsWith("~/")
    ? home + file.slice(1)
    : file;
}

function wrong(host: Host, variable: string, how: string): InventoryError {
  return new InventoryError(
    `Cannot use ${variable} of ${host.name}: ${how}`,
    { host: host.name },
  );
}
