// The template file of a call of template: where it is, how it is written, and the
// variables that describe it.
import { basename, join, resolve } from "@std/path";
import { messageOf } from "../../errors.ts";
import { NO_VAULT } from "../../inventory/secret_value.ts";
import { isVaultText, type Vault } from "../../inventory/vault.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import {
  changeSyntax,
  FILE_SYNTAX,
  type Syntax,
} from "../../template/syntax/delimiters.ts";
import { DateTime } from "../../template/values/date_time.ts";
import { TemplateError } from "../../template/template_error.ts";
import { isYes, textOf, without } from "./action_result.ts";

/** A template file that was read. */
export interface TemplateSource {
  /** Its full path. */
  readonly path: string;
  /** The last part of its path. */
  readonly name: string;
  /** Decrypted. */
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  /** When it was changed, in ms since 1970. */
  readonly changedMs: number;
  /** The name of its owner, or the number of one without a name. */
  readonly owner: string;
}

/**
 * Reads a template file: beside the working folder, or below `templates` there.
 *
 * @throws {TemplateError} when it cannot be found, read or decrypted.
 */
export async function openTemplate(
  src: string,
  vault: Vault = NO_VAULT,
): Promise<TemplateSource> {
  const path = await findTemplate(src);
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new TemplateError(`cannot read ${path}: ${messageOf(error)}`);
  });
  const { mode, mtime, uid } = await Deno.stat(path);
  return {
    path,
    name: basename(path),
    text: await decrypted(decode(bytes, path), { path, vault }),
    mode: (mode ?? 0o644) & 0o7777,
    changedMs: mtime?.getTime() ?? 0,
    owner: await ownerName(uid ?? 0),
  };
}

async function findTemplate(src: string): Promise<string> {
  const places = src.startsWith("/")
    ? [src]
    : [join("templates", src), src].map((place) => resolve(place));
  for (const place of places) {
    const info = await Deno.stat(place).catch(() => undefined);
    if (info?.isFile) return place;
  }
  throw new TemplateError(
    `could not find or access '${src}' on this machine; searched ${
      places.join(" and ")
    }`,
  );
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    throw new TemplateError(
      `cannot read ${path}: template source files must be utf-8 encoded`,
    );
  }
}

async function decrypted(
  text: string,
  { path, vault }: { path: string; vault: Vault },
): Promise<string> {
  if (!isVaultText(text)) return text;
  return await vault.decrypt(text).catch((cause) => {
    throw new TemplateError(
      `cannot read ${path}: it is encrypted with Ansible Vault, and ${
        messageOf(cause)
      }`,
    );
  });
}

async function ownerName(uid: number): Promise<string> {
  const users = await Deno.readTextFile("/etc/passwd").catch(() => "");
  const line = users.split("\n").find((line) =>
    line.split(":")[2] === `${uid}`
  );
  return line?.split(":")[0] ?? String(uid);
}

/** Ansible's default of `ansible_managed`. */
const MANAGED = "Ansible managed";

/** The variables that describe a template, as Ansible names them. */
export function templateVariables(
  { path, owner, changedMs }: TemplateSource,
  { src, dest }: { src: string; dest: string },
): Readonly<Record<string, unknown>> {
  return {
    ansible_managed: MANAGED,
    template_host: Deno.hostname(),
    template_path: src,
    template_fullpath: path,
    template_destpath: dest,
    template_uid: owner,
    template_mtime: DateTime.at(changedMs),
    template_run_date: DateTime.at(Date.now()),
  };
}

/** The options of template that are about its syntax. */
export const SYNTAX_OPTIONS: readonly string[] = [
  ..."block_start_string block_end_string variable_start_string".split(" "),
  ..."variable_end_string comment_start_string comment_end_string".split(" "),
  ..."newline_sequence trim_blocks lstrip_blocks output_encoding".split(" "),
];

/** Arguments of template that the module copy knows too. */
export function withoutSyntax(args: JsonObject): JsonObject {
  return without(args, SYNTAX_OPTIONS);
}

const NEWLINES: Readonly<Record<string, string>> = {
  "\\n": "\n",
  "\\r": "\r",
  "\\r\\n": "\r\n",
};

/**
 * The syntax that the arguments choose.
 *
 * @throws {TemplateError} when `newline_sequence` ends no line.
 */
export function syntaxOf(args: JsonObject): Syntax {
  const mark = (name: keyof Syntax) => textOf(args[name]) ?? FILE_SYNTAX[name];
  const flag = (value: Json | undefined, otherwise: boolean) =>
    isYes(value, otherwise);
  const given = textOf(args.newline_sequence) ?? "\n";
  const newline = NEWLINES[given] ?? given;
  if (!/^(?:\n|\r|\r\n)$/.test(newline)) {
    throw new TemplateError(
      "newline_sequence needs to be one of: \\n, \\r or \\r\\n",
    );
  }
  return changeSyntax(FILE_SYNTAX, {
    block_start_string: mark("block_start_string"),
    block_end_string: mark("block_end_string"),
    variable_start_string: mark("variable_start_string"),
    variable_end_string: mark("variable_end_string"),
    comment_start_string: mark("comment_start_string"),
    comment_end_string: mark("comment_end_string"),
    trim_blocks: flag(args.trim_blocks, true),
    lstrip_blocks: flag(args.lstrip_blocks, false),
    newline_sequence: newline,
  });
}
