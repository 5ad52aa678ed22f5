// What decides whether a session's host may be used: everything but the time that
// connecting may take.
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  type RouteData,
  sessionKey,
} from "../../../src/core/session/session_messages.ts";

const ROUTE: RouteData = {
  endpoint: {
    name: "web1",
    transport: "ssh",
    address: "web1",
    port: 22,
    user: "app",
    identityFiles: [],
    ssh: { connectTimeoutMs: 1000 },
  },
  python: undefined,
  linkLoss: "kill",
  inMemory: false,
  mayFallBack: true,
  environment: "",
};

Deno.test("a host on whose disks nothing may be has another key", () => {
  assertNotEquals(sessionKey({ ...ROUTE, inMemory: true }), sessionKey(ROUTE));
  const endpoint = { ...ROUTE.endpoint, ssh: { connectTimeoutMs: 9000 } };
  assertEquals(sessionKey({ ...ROUTE, endpoint }), sessionKey(ROUTE));
});
