// The short form of `deno task chaos nats`.
import { assertEquals } from "@std/assert";
import {
  natsChaos,
  natsChaosNeed,
} from "../../../scripts/chaos/nats/nats_chaos.ts";

Deno.test({
  name:
    `workers, the NATS server and cables fail, and every report is true${natsChaosNeed.suffix}`,
  ignore: natsChaosNeed.ignore,
  fn: async () => {
    const faults = await natsChaos({
      ...{ minutes: 0.2, seed: 1, hosts: 6 },
      senders: { kinds: ["module", "exec", "detached"], lanes: 1 },
      print: () => {},
    });
    assertEquals(faults, []);
  },
});
