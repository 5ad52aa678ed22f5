import { assertEquals } from "@std/assert";
import {
  patternOf,
  refusalIn,
  refusalText,
} from "../../../../src/core/nats/server/nats_refusals.ts";

const PATTERNS = {
  "_INBOX.hxG2.*": "_INBOX.>",
  "ftl.calls.paris.0a1b.3": "ftl.calls.>",
  "ftl.events.0a1b.log.0": "ftl.events.>",
  "ftl.beats.0a1b": "ftl.beats.*",
  "ftl.workers": "ftl.workers",
  "ftl.workers.0a1b": "ftl.workers.*",
  "$JS.ACK.ftl_calls.site_paris.1.2.3.4.5": "$JS.ACK.ftl_calls.>",
  "$JS.FC.OBJ_ftl_files.x.y": "$JS.FC.OBJ_ftl_files.>",
  "$JS.API.CONSUMER.CREATE.ftl_calls.site_x.ftl.calls.x.>":
    "$JS.API.CONSUMER.CREATE.ftl_calls.>",
  "$JS.API.CONSUMER.DELETE.ftl_calls.site_x":
    "$JS.API.CONSUMER.DELETE.ftl_calls.*",
  "$JS.API.CONSUMER.MSG.NEXT.ftl_calls.site_x":
    "$JS.API.CONSUMER.MSG.NEXT.ftl_calls.*",
  "$JS.API.STREAM.PURGE.ftl_calls": "$JS.API.STREAM.PURGE.ftl_calls",
  "$O.ftl_files.C.x": "$O.ftl_files.>",
};

Deno.test("patternOf() returns the permission that a subject needs", () => {
  for (const [subject, pattern] of Object.entries(PATTERNS)) {
    assertEquals(patternOf(subject), pattern);
  }
});

Deno.test("refusalText() names each permission once", () => {
  const text = refusalText([
    { operation: "publish", subject: "ftl.beats.1" },
    { operation: "publish", subject: "ftl.beats.2" },
    { operation: "publish", subject: "ftl.sender.1" },
    { operation: "subscription", subject: "ftl.workers" },
  ]);
  assertEquals(
    text,
    "the server does not allow this account to publish to ftl.beats.*, ftl.sender.*, or to subscribe to ftl.workers",
  );
});

Deno.test("refusalIn() finds what was refused below other errors", () => {
  const refused = Object.assign(new Error("Permissions Violation"), {
    name: "PermissionViolationError",
    operation: "publish",
    subject: "ftl.workers",
  });
  const error = new Error("request failed", { cause: refused });
  assertEquals(refusalIn(error)?.subject, "ftl.workers");
  assertEquals(refusalIn(new Error("timeout")), undefined);
  assertEquals(refusalIn("timeout"), undefined);
});
