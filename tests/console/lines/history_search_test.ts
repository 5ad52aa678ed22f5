import { assertEquals } from "@std/assert";
import {
  NEW_SEARCH,
  searchFor,
  searchOlder,
} from "../../../src/console/lines/history_search.ts";

const history = ["ping", "service name=b", "ping", "service name=a"];

Deno.test("searchFor() finds the newest line that contains the text", () => {
  assertEquals(searchFor("name", history), { query: "name", at: 1 });
  assertEquals(searchFor("x", history), { query: "x", at: undefined });
  assertEquals(searchFor("", history), NEW_SEARCH);
});

Deno.test("searchOlder() moves to the next different line, and stays at the last match", () => {
  const first = searchFor("name", history);
  const second = searchOlder(first, history);
  assertEquals(second.at, 3);
  assertEquals(searchOlder(second, history), second);
  assertEquals(searchOlder(searchFor("ping", history), history).at, 0);
});
