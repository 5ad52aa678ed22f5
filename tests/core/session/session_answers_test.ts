import { assertEquals } from "@std/assert";
import type { SourceAnswers } from "../../../src/core/fleet/host_link.ts";
import { SessionAnswers } from "../../../src/core/session/session_answers.ts";
import type { SessionLink } from "../../../src/core/session/session_link.ts";
import type { Endpoint } from "../../../src/transport/transport.ts";

Deno.test("a become password that a session uses is masked from then on", async () => {
  const secrets = new Set<string>();
  const endpoint = { name: "web1" } as Endpoint;
  const become = { password: () => Promise.resolve("s3cret") };
  const link = { endpoint, become: () => become } as unknown as SessionLink;
  const answers = new SessionAnswers(
    { secrets } as unknown as SourceAnswers,
    new Map([[7, link]]),
  );
  const question = {
    what: "become",
    link: 7,
    become: "",
    asks: false,
  } as const;
  assertEquals(await answers.answer(question), "s3cret");
  assertEquals([...secrets], ["s3cret"]);
});

Deno.test("a link that has ended gets no password", async () => {
  const secrets = new Set<string>();
  const answers = new SessionAnswers(
    { secrets } as unknown as SourceAnswers,
    new Map(),
  );
  const question = { what: "become", link: 7, become: "", asks: true } as const;
  assertEquals(await answers.answer(question), undefined);
});
