// References: argument values that are taken from each host's variables when the
// call is made.
import type { Host } from "../../inventory/inventory.ts";
import { parseExact } from "../../json/exact_json.ts";
import { stringifyExact } from "../../json/exact_number.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { leaves } from "../result/learned.ts";
import { isPasswordName } from "../../inventory/password_name.ts";
import { isLeaf, revealed } from "./revealed.ts";

/** An object with this one member is a reference. */
const REF = "ftl:ref";

/** The member's name once templates may have added data that looks like a reference. */
const SEALED = `${REF} ${crypto.randomUUID()}`;

/** A reference in a call's arguments; plain data. */
export type Reference = { "ftl:ref": string };

/**
 * Refers to a variable of each host by its path: `ref("app.port")` is the member
 * `port` of the variable `app`, `ref("disks.0")` the first item of a list.
 *
 * @throws {TypeError} when the path is empty.
 */
export function ref(path: string): Reference {
  if (path === "") throw new TypeError("Cannot make a ref: its path is empty");
  return { [REF]: path };
}

/** Arguments whose references are replaced. */
export interface Resolved {
  args: JsonObject;
  /** Texts that were encrypted, or whose variables are named like a password. */
  secrets: string[];
}

/** Whether a value contains a reference. */
export function hasRef(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasRef);
  if (!isObject(value)) return false;
  return refPath(value) !== undefined || Object.values(value).some(hasRef);
}

/**
 * Names references so that no host can make one: what templates add to the
 * arguments afterwards is data, whatever it looks like.
 */
export function sealRefs(args: JsonObject): JsonObject {
  const seal = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(seal);
    if (!isObject(value)) return value;
    const path = refPath(value);
    if (path !== undefined) return { [SEALED]: path };
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, seal(each)]),
    );
  };
  return seal(args) as JsonObject;
}

/**
 * Replaces sealed references by the variables of a host.
 *
 * @throws {RangeError} when the host has no such variable.
 * @throws {InventoryError} when it cannot be decrypted.
 */
export async function resolveRefs(
  args: JsonObject,
  host: Host,
): Promise<Resolved> {
  const secrets: string[] = [];
  const resolve = async (value: Json): Promise<Json> => {
    if (Array.isArray(value)) return await Promise.all(value.map(resolve));
    if (!isObject(value)) return value;
    const path = refPath(value, SEALED);
    if (path !== undefined) {
      const value = await revealed(find(path, host), {
        needed: `${path} of ${host.name}`,
        onSecret: (text) => secrets.push(text),
      });
      const found = toJson(value, path);
      if (path.split(".").some(isPasswordName)) {
        for (const leaf of leaves(found)) secrets.push(leaf);
      }
      return found;
    }
    const members = Object.entries(value).map(async ([key, each]) =>
      [key, await resolve(each)] as const
    );
    return Object.fromEntries(await Promise.all(members));
  };
  return { args: await resolve(args) as JsonObject, secrets };
}

function refPath(value: Json, name = REF): string | undefined {
  if (!isObject(value)) return undefined;
  const path = Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof path === "string" && Object.keys(value).length === 1
    ? path
    : undefined;
}

/**
 * A variable of a host by its path, as `ref()` takes it.
 *
 * @throws {RangeError} when the host has no such variable.
 */
function find(path: string, host: Host): unknown {
  let value: unknown = host.vars;
  const walked: string[] = [];
  for (const name of path.split(".")) {
    walked.push(name);
    if (isLeaf(value) || !Object.hasOwn(value, name)) {
      throw new RangeError(
        `Cannot resolve ref(${
          JSON.stringify(path)
        }): the host has no variable ${walked.join(".")}${skippedText(host)}`,
      );
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Where the variable may be: a file that was skipped. */
function skippedText({ skippedFiles = [] }: Host): string {
  return skippedFiles.length === 0
    ? ""
    : `, and ${skippedFiles.join(", ")} was skipped: it is encrypted with ` +
      "Ansible Vault, and no vault password was given";
}

/** Converts a variable, which may hold values of YAML such as dates, to JSON. */
function toJson(value: unknown, path: string): Json {
  const text = stringifyExact(value);
  if (text === undefined) {
    throw new RangeError(
      `Cannot resolve ref(${JSON.stringify(path)}): its value has no JSON form`,
    );
  }
  return parseExact(text) as Json;
}
