import { assertEquals } from "@std/assert";
import { checkLine } from "../../../scripts/house/english.ts";

for (
  const line of [
    "// Who forgot a colon is told of it",
    "what stands behind the word",
    '"This is none that ftl has"',
    "the path is no folder",
    "the begin of a word will do",
    "hosts that are meant",
    "what a call comes to",
    "no more than so many hosts",
    "somebody else writes there",
    "it is dropped without a word",
    "built anew",
    "the colour of the bar",
    "names are normalised",
    "Design: status rules",
  ]
) {
  Deno.test(`checkLine() refuses ${JSON.stringify(line)}`, () => {
    assertEquals(checkLine(line).length, 1);
  });
}

for (
  const line of [
    "Who may write there?",
    "the hosts behind a bastion",
    "there is no folder",
    "null when there is none",
    "if value is None:",
    "the gate is no longer open",
    "the color of the bar",
    "a normalized name",
  ]
) {
  Deno.test(`checkLine() accepts ${JSON.stringify(line)}`, () => {
    assertEquals(checkLine(line), []);
  });
}
