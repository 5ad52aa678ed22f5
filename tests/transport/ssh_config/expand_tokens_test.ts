import { assertEquals, assertThrows } from "@std/assert";
import {
  type ExpandOptions,
  expandTokens,
} from "../../../src/transport/ssh_config/expand_tokens.ts";

const TOKENS = { h: "web1", r: "me", n: "a b" };
const PATH = {
  home: "/home/me",
  env: (name: string) => name === "KEYS" ? "/keys" : undefined,
};

function expand(rest: string, options: Partial<ExpandOptions> = {}): string {
  const directive = {
    kind: "set",
    keyword: "hostname",
    args: rest.split(" "),
    rest,
    file: "config",
    line: 3,
  } as const;
  return expandTokens(directive, { tokens: TOKENS, ...options });
}

function refuses(
  rest: string,
  options: Partial<ExpandOptions>,
  reason: string,
) {
  assertThrows(
    () => expand(rest, options),
    SyntaxError,
    `Cannot use hostname in config:3: ${reason}`,
  );
}

Deno.test("expandTokens() expands tokens, and %% to a percent sign", () => {
  assertEquals(expand("%r@%h %%h"), "me@web1 %h");
  assertEquals(expand("x %h", { index: 1 }), "web1");
});

Deno.test("expandTokens() refuses an unknown token, and a lone percent sign", () => {
  refuses("%x", {}, "%x is not a known token");
  refuses("50%", {}, "% is not a known token");
  refuses("%h", { tokens: {} }, "%h is not a known token");
});

Deno.test("expandTokens() lets no value act on the shell of a command", () => {
  for (const value of ["a b", "$(x)", "a;b", "-oProxyCommand=x", "a'b"]) {
    refuses("%h", { tokens: { h: value } }, "%h would expand to");
    assertEquals(expand("%h", { tokens: { h: value }, index: 0 }), value);
  }
});

Deno.test("expandTokens() expands ~ and variables in paths only", () => {
  const options = { index: 0, path: PATH };
  assertEquals(expand("~/id", options), "/home/me/id");
  assertEquals(expand("~", options), "/home/me");
  assertEquals(expand("~ann/id", options), "~ann/id");
  assertEquals(expand("${KEYS}/%h", options), "/keys/web1");
  assertEquals(expand("~/${KEYS}", { index: 0 }), "~/${KEYS}");
  refuses("${NONE}/id", options, "the variable NONE is not set");
});
