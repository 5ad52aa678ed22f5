// The workers that may take part in a run, as its sender sees them.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LogPlan } from "../../../../src/core/nats/messages/log_plan.ts";
import { RecordedModules } from "../../../../src/core/nats/messages/recorded_modules.ts";
import { TakenBack } from "../../../../src/core/nats/reports/taken_back.ts";
import { NatsSender } from "../../../../src/core/nats/sender/nats_sender.ts";
import { RunProgress } from "../../../../src/core/nats/sender/run_progress.ts";
import { RunWorkers } from "../../../../src/core/nats/sender/run_workers.ts";
import { SUBJECTS } from "../../../../src/core/nats/server/nats_subjects.ts";
import { plainPacking } from "../../../../src/core/nats/trust/sealed_bodies.ts";
import { Provision } from "../../../../src/core/fleet/provision.ts";
import { NEVER } from "../../../../src/async/abort.ts";
import { testNatsHosts as test } from "../../../support/nats_hosts.ts";

test(
  "a worker's key stays when another asks under its id, and nobody joins after a cancel",
  {
    hosts: 1,
  },
  async ({ lab }) => {
    const link = await lab.link();
    const sender = new NatsSender({
      ...{ link, ftl: "test", build: "test", from: "ann@test" },
      modules: new RecordedModules(new Provision({ sources: { dirs: [] } })),
      onNote: () => {},
    });
    const run = crypto.randomUUID();
    const logs = LogPlan.of(["_any"]);
    const packing = () => Promise.resolve(plainPacking(sender.bodies));
    const workers = new RunWorkers({
      ...{ sender, run, over: NEVER },
      signer: () => sender.signer(run),
      progress: new RunProgress(1),
      nameOf: () => "h0",
      takenBack: new TakenBack({ link, run, logs, packing }),
      finish: () => {},
    });
    try {
      const id = crypto.randomUUID();
      const { connection } = await lab.link("worker");
      const ask = async (key: string) => {
        const nonce = crypto.randomUUID();
        const request = { nonce, worker: "w1", id, key };
        const answer = await connection.request(
          SUBJECTS.sender(run),
          JSON.stringify(request),
          { timeout: 5_000 },
        );
        return new TextDecoder().decode(answer.data);
      };
      await connection.flush();
      for (const key of ["own", "forged"]) await ask(key);
      assert(workers.hasKey("own") && workers.hasKey("forged"));
      await workers.cancel();
      assertStringIncludes(await ask("late"), "its run was cancelled");
      assertEquals(workers.hasKey("late"), false);
    } finally {
      workers.close();
    }
  },
);
