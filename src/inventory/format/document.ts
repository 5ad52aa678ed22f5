// A parsed file, whatever language it was written in: what the readers of
// inventories and of vars files walk, with keys as values and never as the
// properties of an object.
import type { TextPlace } from "../text_place.ts";

/** One value in a file, still knowing where it stands. */
export interface DocumentNode {
  /** `scalar` is anything else, text included. */
  readonly kind: "map" | "list" | "null" | "scalar";
  readonly place: TextPlace;
  /** The value as data. */
  value(): unknown;
  /** A map's entries, in order, each key once; none for other kinds. */
  entries(): readonly MapEntry[];
}

/** One key of a map. */
export interface MapEntry {
  readonly key: unknown;
  readonly place: TextPlace;
  readonly node: DocumentNode;
}

/** What reading a document may complain about without failing. */
export type Warn = (place: TextPlace, text: string) => void;

/** Names a node's kind for an error: "a list", "a mapping". */
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

/** Gives data the shape of a document, all of it at one place. */
export function nodeOf(data: unknown, place: TextPlace): DocumentNode {
  const kind = data === null
    ? "null"
    : Array.isArray(data)
    ? "list"
    : typeof data === "object" && isRecord(data)
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
          place,
          node: nodeOf(value, place),
        }))
        : [],
  };
}

/** Whether a value is a mapping and not an object that stands for a scalar. */
function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
