// Filters of addresses: urldecode, urlsplit.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { toText } from "../values/printed_text.ts";
import { Dict, type Value } from "../values/template_value.ts";

/** Python's `urllib.parse.quote()`. */
export function percentEncode(text: string, safe: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(
      /[!'()*]/g,
      (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
    )
    .replace(/%2F/g, safe.includes("/") ? "/" : "%2F");
}

function splitUrl(text: string): Dict {
  const [, scheme = "", rest = ""] = /^(?:([A-Za-z][\w+.-]*):)?([^]*)$/.exec(
    text,
  )!;
  const [, netloc = "", path = "", query = "", fragment = ""] =
    /^(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/.exec(rest)!;
  const [, user, password, host, port] =
    /^(?:([^@:]*)(?::([^@]*))?@)?(\[[^\]]*\]|[^:]*)?(?::(\d*))?$/.exec(
      netloc,
    ) ??
      [];
  const hostname = host?.replace(/^\[|\]$/g, "").toLowerCase();
  return Dict.of([
    ["fragment", fragment],
    ["hostname", hostname || null],
    ["netloc", netloc],
    ["password", password ?? null],
    ["path", path],
    ["port", port ? BigInt(port) : null],
    ["query", query],
    ["scheme", scheme.toLowerCase()],
    ["username", user ?? null],
  ]);
}

/** The filters of this file. */
export const URL_FILTERS: Readonly<Record<string, Filter>> = {
  urldecode: ["", (value) => {
    const text = toText(value).replaceAll("+", " ");
    return text.replace(/(?:%[\da-fA-F]{2})+/g, (codes) => {
      const bytes = Uint8Array.fromHex(codes.replaceAll("%", ""));
      return new TextDecoder().decode(bytes);
    });
  }],
  urlsplit: ["query?", (value, { args }): Value => {
    const parts = splitUrl(toText(value));
    if (args.query === undefined || args.query === "") return parts;
    const part = parts.get(args.query);
    if (part !== undefined) return part;
    throw new TemplateError(
      `urlsplit: unknown URL component: ${toText(args.query)}`,
    );
  }],
};
