import { assertEquals } from "@std/assert";
import {
  continuationPrompt,
  promptText,
} from "../../../src/console/lines/prompt.ts";
import { session } from "../world.ts";

Deno.test("promptText() shows the pattern, the open gates and the modes", () => {
  assertEquals(promptText(session, 3), "web 3/4> ");
  const settings = { ...session.settings, check: true, diff: true };
  assertEquals(promptText({ ...session, settings }, 4), "web 4/4 check diff> ");
  const as = (become: { enabled: boolean; user?: string }) =>
    promptText({ ...session, settings: { ...session.settings, become } }, 4);
  assertEquals(as({ enabled: true }), "web 4/4 as root> ");
  assertEquals(as({ enabled: true, user: "ann" }), "web 4/4 as ann> ");
  assertEquals(as({ enabled: false }), "web 4/4> ");
});

Deno.test("promptText() cuts and escapes the pattern", () => {
  const pattern = "web01,web02,web03,web04,web05";
  assertEquals(
    promptText({ ...session, pattern }, 0),
    "web01,web02,web03,web04… 0/4> ",
  );
  assertEquals(
    promptText({ ...session, pattern: "a\x1b[2J" }, 0),
    "a\\x1b[2J 0/4> ",
  );
});

Deno.test("continuationPrompt() ends where the prompt above it ends", () => {
  assertEquals(continuationPrompt("web 3/4> "), "       > ");
});
