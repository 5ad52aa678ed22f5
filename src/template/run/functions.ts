// The functions of templates: range, dict, namespace, lookup, now and others.
import { absentLookup } from "./absent_lookups.ts";
import { TemplateError, UndefinedError } from "../template_error.ts";
import { callable } from "../values/bind_arguments.ts";
import { checkListLength } from "../values/bounds.ts";
import { isTrue } from "../values/compare.ts";
import { DateTime, formatTime } from "../values/date_time.ts";
import { pairsOf } from "../values/dict_methods.ts";
import { toCount } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import { Dict, Undefined, type Value } from "../values/template_value.ts";
import type { GlobalFunction } from "./library_types.ts";
import { Cycler, Namespace } from "./objects.ts";
import type { Services } from "./services.ts";

function range(rest: readonly Value[], { bounds }: Services): Value[] {
  const numbers = rest.map((each) => toCount(each));
  if (numbers.length === 0 || numbers.length > 3) {
    throw new TemplateError("range takes 1 to 3 arguments");
  }
  const [start, stop, step = 1] = numbers.length === 1
    ? [0, numbers[0]!]
    : numbers;
  if (step === 0) throw new TemplateError("range() arg 3 must not be zero");
  const count = Math.max(0, Math.ceil((stop! - start!) / step));
  checkListLength(count);
  bounds.step(count);
  return Array.from({ length: count }, (_, at) => BigInt(start! + at * step));
}

/** What a lookup found, as one value, unless a list is wanted. */
function lookUp(
  name: string,
  terms: readonly Value[],
  named: ReadonlyMap<string, Value>,
  services: Services,
  wantsList: boolean,
): Value {
  const options = new Map(named);
  const errors = toText(options.get("errors") ?? "strict");
  const isList = wantsList || isTrue(options.get("wantlist") ?? false);
  for (const own of ["errors", "wantlist", "allow_unsafe"]) options.delete(own);
  for (const term of terms) if (term instanceof Undefined) term.fail();
  let found: Value[] | undefined;
  try {
    found = services.lookup(name, terms, options);
  } catch (error) {
    const mayPass = error instanceof TemplateError &&
      !(error instanceof UndefinedError);
    if (!mayPass || errors === "strict") throw error;
    return isList ? [] : null;
  }
  if (found === undefined) throw new TemplateError(absentLookup(name));
  if (isList || found.length === 0) return found;
  if (found.every((each) => typeof each === "string")) return found.join(",");
  return found.length === 1 ? found[0]! : found;
}

const query: GlobalFunction = [
  "name * **",
  ({ args, rest, named }, services) =>
    lookUp(toText(args.name!), rest, named, services, true),
];

/** The functions by name. */
export const FUNCTIONS: ReadonlyMap<string, GlobalFunction> = new Map(
  Object.entries<GlobalFunction>({
    range: ["*", ({ rest }, services) => range(rest, services)],
    dict: ["pairs? **", ({ args, named }) => {
      const pairs = args.pairs === undefined ? [] : pairsOf(args.pairs);
      return Dict.of([...pairs, ...named]);
    }],
    namespace: ["pairs? **", ({ args, named }) => {
      const pairs = args.pairs === undefined ? [] : pairsOf(args.pairs);
      return new Namespace([
        ...pairs.map(([key, value]) => [toText(key), value] as const),
        ...named,
      ]);
    }],
    cycler: ["*", ({ rest }) => new Cycler(rest)],
    joiner: ["sep?", ({ args }) => {
      let isUsed = false;
      return callable("joiner", "", () => {
        const text = isUsed ? toText(args.sep ?? ", ") : "";
        isUsed = true;
        return text;
      });
    }],
    lookup: [
      "name * **",
      ({ args, rest, named }, services) =>
        lookUp(toText(args.name!), rest, named, services, false),
    ],
    query,
    q: query,
    now: ["utc? fmt?", ({ args }, { controller }) => {
      const now = DateTime.at(controller.now, isTrue(args.utc ?? false));
      const { fmt } = args;
      if (fmt === undefined || fmt === null || fmt === "") return now;
      return formatTime(now.parts, toText(fmt));
    }],
    undef: ["hint?", ({ args }) => {
      const hint = args.hint === undefined || args.hint === null
        ? ""
        : toText(args.hint);
      return new Undefined(
        hint || "Mandatory variable has not been overridden",
      );
    }],
  }),
);
