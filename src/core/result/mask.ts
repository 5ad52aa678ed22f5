// Masks the secrets of a call in its arguments, events, results and errors. A
// secret is known by its name (Ansible's pattern for passwords, or declared), or
// because a module masked it. Its value is masked everywhere, or only in its own
// field when it is short.
import { isNumber } from "../../json/exact_number.ts";
import { isPasswordName } from "../../inventory/password_name.ts";
import { isObject } from "../../protocol/body.ts";
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

/** Masks the secrets of one call on one host. */
export interface Mask {
  /** Also masks arguments by their names. */
  args(args: JsonObject): JsonObject;
  json(value: Json): Json;
  text(text: string): string;
  result(result: HostResult): HostResult;
  /** For output that arrives in chunks. */
  stream(): SecretStream;
  /**
   * This mask, extended by the secrets that the module masked in `invocation`.
   *
   * @param args The arguments that the host was given.
   */
  learn(result: HostResult, args: JsonObject): Mask;
  /** This mask, extended by secrets that were learned from other hosts. */
  with(learned: Learned): Mask;
  /** The texts that it masks, except the passwords of hosts; the longest first. */
  forms(): string[];
  /** The secrets of this mask that its options did not give. */
  readonly learned: Learned;
}

/** The options of a mask. */
export interface MaskOptions extends Pick<CallSettings, "env" | "noLog"> {
  readonly args: JsonObject;
  /** Names of arguments whose values are secret. */
  secrets?: readonly string[] | undefined;
  /** Those of `secrets` that are masked as arguments only. */
  argsOnly?: readonly string[] | undefined;
  /** Names that look like those of passwords, but are not secret. */
  unmasked?: readonly string[] | undefined;
  /** Other secrets. */
  values?: readonly string[] | undefined;
  /** Other secrets; the set may grow later. */
  growing?: ReadonlySet<string> | undefined;
}

/**
 * Choices of parameters whose names look like those of passwords
 * (`update_password=on_create`): masked in their own field only.
 */
const CHOICES = new Set(["always", "on_create", "never", "true", "false"]);

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

  /** Masks secrets; with `fields`, also the values of secret names. */
  const map = (value: Json, fields: boolean): Json => {
    if (typeof value === "string") return secrets.mask(value);
    if (isNumber(value)) {
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
    forms: () => secrets.forms,
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

/** The mask of `noLog`: it leaves only how the call ended. */
const hideAll: Mask = {
  args: (args) =>
    Object.fromEntries(Object.keys(args).map((name) => [name, MASKED_TEXT])),
  json: () => MASKED_TEXT,
  result: (result) => ({
    ...result,
    result: result.result === null ? null : { censored: "Hidden by no_log" },
    ...mapMembers(result, () => MASKED_TEXT),
    // Errors of a connection or a gate hold nothing of the call.
    error: result.error?.kind === "call"
      ? { ...result.error, message: "Hidden by no_log" }
      : result.error,
  }),
  text: () => MASKED_TEXT,
  forms: () => [],
  stream: () => ({ push: () => "", end: () => "" }),
  learn: () => hideAll,
  with: () => hideAll,
  learned: NOTHING_LEARNED,
};

/** Maps the strings of a result that are not in its object. */
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
  if (typeof value !== "object" || value === null || isNumber(value)) return [];
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
  if (!isObject(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
