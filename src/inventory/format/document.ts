// A parsed file in any language, for the readers of inventories and vars files.
// Keys are values, never properties of an object.
import { ExactNumber } from "../../json/exact_number.ts";
import type { FaultAt, TextPlace } from "../text_place.ts";
import type { Vault } from "../vault.ts";

/** One value in a file, with its place. */
export interface DocumentNode {
  /** `scalar` is anything else, text included. */
  readonly kind: "map" | "list" | "null" | "scalar";
  readonly place: TextPlace;
  /** The value as data. */
  value(): unknown;
  /** A map's entries, in order, each key once; empty for other kinds. */
  entries(): readonly MapEntry[];
}

/** One key of a map. */
export interface MapEntry {
  readonly key: unknown;
  /** The key as JSON writes it. */
  readonly name: string;
  readonly place: TextPlace;
  readonly node: DocumentNode;
}

/** Reports a problem that does not prevent reading. */
export type Warn = (place: TextPlace, text: string) => void;

/** How a file is read. */
export interface ReadingOptions {
  readonly warn: Warn;
  /** Decrypts `!vault` values. */
  readonly vault?: Vault | undefined;
  /** Default: an InventoryError. */
  readonly fault?: FaultAt | undefined;
}

/** The warning about a key that a mapping repeats: PyYAML and Python take the last. */
export function alreadyIn(key: unknown, line: number): string {
  return `the key ${key} is already in line ${line}; this one wins`;
}

/** Describes a node for an error: "a list", "a mapping". */
export function describeNode(node: DocumentNode): string {
  switch (node.kind) {
    case "map":
      return "a mapping";
    case "list":
      return "a list";
    case "null":
      return "nothing";
    case "scalar":
      return describeValue(node.value());
  }
}

function describeValue(value: unknown): string {
  if (value instanceof ExactNumber) return `the number ${value}`;
  switch (typeof value) {
    case "string":
      return `the text ${
        JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
      }`;
    case "number":
      return `the number ${value}`;
    case "boolean":
      return `the boolean ${value}`;
    default:
      return "a value";
  }
}

/** Wraps data as a document in which everything has the same place. */
export function nodeOf(data: unknown, place: TextPlace): DocumentNode {
  const kind = data === null
    ? "null"
    : Array.isArray(data)
    ? "list"
    : isRecord(data)
    ? "map"
    : "scalar";
  return {
    kind,
    place,
    value: () => data,
    entries: () =>
      kind === "map"
        ? Object.entries(data as object).map(([key, value]) => ({
          key,
          name: key,
          place,
          node: nodeOf(value, place),
        }))
        : [],
  };
}

/** Whether a value is a mapping and not an object that represents a scalar. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
