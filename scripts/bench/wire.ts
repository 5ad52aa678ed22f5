// Counts what a warm call sends and receives with a relay between ftl and the host:
// bytes of TCP payload, with encryption and padding.
import { join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import { startOpensshFleet } from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, type Row, withFolder } from "./bench.ts";
import { startRelay } from "./relay.ts";
import { Session } from "./session.ts";

const CALLS = 20;

/** Bytes and turns of a warm call of Ansible's `ping`. */
export const wire: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const { ignore, modules } = needAnsible();
    if (ignore) return [];
    const fleet = await startOpensshFleet({ hosts: 1 });
    const relay = startRelay(fleet.sshd.port);
    try {
      const knownHosts = join(folder, "known_hosts");
      await Deno.writeTextFile(
        knownHosts,
        `[127.0.0.1]:${relay.port} ${fleet.sshd.hostKey}\n`,
      );
      await using session = new Session([
        ...["-M", modules, "-i", "127.0.0.1,", "--known-hosts", knownHosts],
        ...["-u", fleet.sshd.user, "--port", String(relay.port)],
        ...["--private-key", fleet.sshd.identityFile],
      ], join(folder, "ftl"));
      await session.call("ping");
      const { bytes, turns } = relay;
      for (let i = 0; i < CALLS; i++) await session.call("ping");
      return [
        limitRow("bytes on the wire per warm ping", {
          value: (relay.bytes - bytes) / CALLS,
          limit: 1024,
          unit: "bytes",
          against: "both ways",
        }),
        limitRow("round trips per warm ping", {
          value: (relay.turns - turns) / CALLS,
          limit: 1,
          unit: "turns",
        }),
      ];
    } finally {
      relay.close();
      await fleet.stop();
    }
  });
