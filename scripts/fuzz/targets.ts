// All targets. A new one is one file in targets/, and one line here.
import type { Target } from "./target.ts";
import { archiveTargets } from "./targets/archives.ts";
import { argumentTargets } from "./targets/words.ts";
import { hostTargets } from "./targets/host_output.ts";
import { inventoryTargets } from "./targets/inventories.ts";
import { natsTargets } from "./targets/nats.ts";
import { peerTargets } from "./targets/peers.ts";
import { pythonTargets } from "./targets/python_sources.ts";
import { sessionTargets } from "./targets/sessions.ts";
import { sshFileTargets } from "./targets/ssh_files.ts";
import { templateTargets } from "./targets/templates.ts";

export const TARGETS: readonly Target[] = [
  ...hostTargets,
  ...inventoryTargets,
  ...sshFileTargets,
  ...archiveTargets,
  ...argumentTargets,
  ...pythonTargets,
  ...templateTargets,
  ...natsTargets,
  ...sessionTargets,
  ...peerTargets,
];
