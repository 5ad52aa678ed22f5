// What of a call is secret, and how its arguments, events, results and errors
// look without it. A secret is known by its name (Ansible's password pattern,
// or declared), or because the host masked it; its value is then blotted out
// wherever it turns up, or in its own field only when it is short.
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { CallSettings, HostResult } from "../call/call.ts";
import {
  join,
  type Learned,
  learnFrom,
  leaves,
  NOTHING_LEARNED,
} from "./learned.ts";
import { MASKED_TEXT, type SecretStream, SecretTexts } from "./secret_texts.ts";

/** Hides what is secret in one call on one host. */
export interface Mask {
  /** The arguments as they may be shown. */
  args(args: JsonObject): JsonObject;
  json(value: Json): Json;
  text(text: string): string;
  result(result: HostResult): HostResult;
  /** For output that arrives in chunks. */
  stream(): SecretStream;
  /**
   * This mask, and what the module hid itself in the result's `invocation`.
   *
   * @param args What the host was given.
   */
  learn(result: HostResult, args: JsonObject): Mask;
  /** The same for what was learned elsewhere. */
  with(learned: Learned): Mask;
  /** What this mask was told beside its options. */
  readonly learned: Learned;
}

/** What a mask is made from. */
export interface MaskOptions extends Pick<CallSettings, "env" | "noLog"> {
  readonly args: JsonObject;
  /** Names of arguments whose values are secret. */
  secrets?: readonly string[] | undefined;
  /** Those of them that are hidden as arguments, and may turn up elsewhere. */
  argsOnly?: readonly string[] | undefined;
  /** Names that are no secret's, though they look like it. */
  unmasked?: readonly string[] | undefined;
  /** Texts that are secret wherever they came from. */
  values?: readonly string[] | undefined;
  /** The same, for texts that become known in the course of time. */
  growing?: ReadonlySet<string> | undefined;
}

/**
 * The names that Ansible takes for those of passwords: `PASSWORD_MATCH` in
 * module_utils/basic.py.
 */
const PASSWORD_NAME =
  /^(?:.+[-_\s])?pass(?:[-_\s]?(?:word|phrase|wrd|wd)?)(?:[-_\s].+)?$/i;

/**
 * Words that parameters with a password's name take as choices
 * (`update_password=on_create`): hidden in their own field only.
 */
const CHOICES = new Set(["always", "on_create", "never", "true", "false"]);

/** Says whether Ansible would take a name for that of a password. */
export function isPasswordName(name: string): boolean {
  return PASSWORD_NAME.test(name);
}

/** Makes the mask for a call. */
export function createMask(
  options: MaskOptions,
  learned: Learned = NOTHING_LEARNED,
): Mask {
  if (options.noLog) return hideAll;
  const declared = new Set(options.secrets);
  const everywhere = declared.difference(new Set(options.argsOnly));
  const unmasked = new Set(options.unmasked);
  const looksSecret = (name: string) =>
    isPasswordName(name) && !unmasked.has(name);
  const isSecret = (name: string) => declared.has(name) || looksSecret(name);
  const secrets = new SecretTexts([
    ...options.values ?? [],
    ...learned.texts,
    ...secretTexts(options.args, { declared: everywhere, looksSecret }),
    ...secretTexts(options.env ?? {}, {
      declared: everywhere,
      looksSecret: isPasswordName,
    }),
  ], options.growing);
  const isHidden = (name: string) => isSecret(name) || learned.names.has(name);

  /** Blots values out everywhere, and, in `fields`, whatever has a secret name. */
  const map = (value: Json, fields: boolean): Json => {
    if (typeof value === "string") return secrets.mask(value);
    if (typeof value === "number") {
      return secrets.mask(String(value)) === MASKED_TEXT ? MASKED_TEXT : value;
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => map(each, fields));
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        secrets.mask(name),
        fields && isHidden(name) && member !== null
          ? MASKED_TEXT
          : map(member, fields || name === "invocation"),
      ]),
    );
  };

  const mask: Mask = {
    args: (args) => map(args, true) as JsonObject,
    json: (value) => secrets.size === 0 ? value : map(value, false),
    result(result) {
      const repeatsArgs = member(result.result, "invocation") !== undefined;
      if (secrets.size === 0 && !repeatsArgs) return result;
      return {
        ...result,
        result: map(result.result, false),
        ...mapMembers(result, (text) => secrets.mask(text)),
      };
    },
    text: (text) => secrets.mask(text),
    stream: () => secrets.stream(),
    learn: (result, args) => mask.with(learnFrom(result.result, args)),
    with: (more) => {
      const all = join(learned, more);
      return all === learned ? mask : createMask(options, all);
    },
    learned,
  };
  return mask;
}

/** Under `noLog` nothing is shown but how the call ended. */
const hideAll: Mask = {
  args: (args) =>
    Object.fromEntries(Object.keys(args).map((name) => [name, MASKED_TEXT])),
  json: () => MASKED_TEXT,
  result: (result) => ({
    ...result,
    result: result.result === null ? null : { censored: "Hidden by no_log" },
    ...mapMembers(result, () => MASKED_TEXT),
    // What a connection or a gate says does not come from the call.
    error: result.error?.kind === "call"
      ? { ...result.error, message: "Hidden by no_log" }
      : result.error,
  }),
  text: () => MASKED_TEXT,
  stream: () => ({ push: () => "", end: () => "" }),
  learn: () => hideAll,
  with: () => hideAll,
  learned: NOTHING_LEARNED,
};

/** The texts of a result besides its object. */
function mapMembers(
  { stdout, stderr, error }: HostResult,
  map: (text: string) => string,
): Partial<HostResult> {
  return {
    ...(stdout === undefined ? {} : { stdout: map(stdout) }),
    ...(stderr === undefined ? {} : { stderr: map(stderr) }),
    error: error && {
      ...error,
      message: map(error.message),
      hint: error.hint && map(error.hint),
    },
  };
}

/** The values of secret names, at any depth. */
function secretTexts(
  value: Json | Readonly<Record<string, string>>,
  names: {
    readonly declared: ReadonlySet<string>;
    readonly looksSecret: (name: string) => boolean;
  },
): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((each) => secretTexts(each, names));
  }
  return Object.entries(value).flatMap(([name, member]) => {
    if (names.declared.has(name)) return leaves(member);
    if (!names.looksSecret(name)) return secretTexts(member, names);
    return leaves(member).filter((leaf) => !CHOICES.has(leaf));
  });
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return undefined;
  }
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
