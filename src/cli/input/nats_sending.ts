// Makes the engine whose calls workers make, for the options of a command.
import { join } from "@std/path";
import { KnownWorkers } from "../../core/nats/known_workers.ts";
import { NatsEngine } from "../../core/nats/nats_engine.ts";
import { RecordedModules } from "../../core/nats/recorded_modules.ts";
import {
  findSigningKey,
  NoSigningKey,
  type SigningKey,
} from "../../core/nats/signing_key.ts";
import type { SessionInventory } from "../../core/fleet/session_inventory.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import { escapeLine } from "../../output/escape.ts";
import { defaultFolder } from "../../store/folder.ts";
import type { Context } from "../commands/context.ts";
import { askPassphrase } from "../credentials/ask_passphrase.ts";
import type { NatsOptions } from "../options/nats_rows.ts";
import { errorText, UsageError, warningText } from "../process/exit_code.ts";
import { buildId } from "../process/own_program.ts";
import { VERSION } from "../process/version.ts";
import { type CliFleetOptions, makeFleet } from "./fleet_options.ts";
import { connectToNats } from "./nats_connection.ts";

/** Options that have no meaning for a sender, and what a worker does about them. */
const OF_WORKERS = {
  privateKey: ["--private-key", "workers have their own"],
  knownHosts: ["--known-hosts", "workers have their own"],
  sshConfig: ["--ssh-config", "workers have their own"],
  hostKeys: ["--host-keys", "workers have their own"],
  fanout: ["--fanout", "workers have their own"],
  workers: ["--workers", "workers over NATS connect to the hosts"],
  keep: ["--keep", "workers over NATS connect to the hosts"],
} as const;

/**
 * Makes the engine. No host is contacted.
 *
 * @throws {UsageError} when options do not go together.
 * @throws {FtlError} when NATS cannot be used.
 */
export async function makeNatsEngine(
  hosts: readonly Host[],
  options: CliFleetOptions & NatsOptions,
  context: Context,
  { inventory, session, say }: {
    inventory?: Inventory;
    /** What calls of a console change. */
    session?: SessionInventory;
    /** Writes a line for the user while a run goes on. */
    say: (text: string) => void;
  },
): Promise<NatsEngine> {
  const own = ownOptions(options, context);
  let modules: RecordedModules | undefined;
  const fleet = await makeFleet(hosts, own, context, {
    direct: true,
    ...(inventory && { inventory }),
    ...(session && { session }),
    modules: (all) => modules = new RecordedModules(all),
  });
  const onNote = (text: string) => say(warningText(escapeLine(text)));
  const from = `${context.env("USER") ?? "someone"}@${Deno.hostname()}`;
  const link = await connectToNats(options.nats, {
    name: `ftl: ${from}`,
    ...{ context, onNote },
  });
  try {
    return new NatsEngine(fleet, {
      ...{ link, from },
      ftl: VERSION,
      build: await buildId(),
      modules: modules!,
      key: await signingKey(options, context),
      known: await KnownWorkers.load(
        options.knownWorkers ?? join(await defaultFolder(), "known_workers"),
      ),
      onNote,
    });
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The options without those that are the workers' own affair. */
function ownOptions<T extends CliFleetOptions>(
  options: T,
  context: Context,
): Omit<T, keyof typeof OF_WORKERS> {
  const own: T = { ...options };
  for (const [name, [flag, why]] of Object.entries(OF_WORKERS)) {
    const key = name as keyof typeof OF_WORKERS;
    if (own[key] === undefined) continue;
    delete own[key];
    if (options.verbose) {
      context.err(warningText(`${flag} is not used: ${why}`));
    }
  }
  return own;
}

/** The key that signs; undefined when none is named and none is found. */
async function signingKey(
  { signKey, verbose }: CliFleetOptions & NatsOptions,
  context: Context,
): Promise<SigningKey | undefined> {
  const home = context.env("HOME");
  if (home === undefined && signKey === undefined) return undefined;
  try {
    return await findSigningKey({
      file: signKey,
      agentSocket: context.env("SSH_AUTH_SOCK") ?? "",
      home: home ?? "/",
      askPassphrase: askPassphrase(context),
    });
  } catch (error) {
    if (signKey !== undefined) throw error;
    if (verbose || !(error instanceof NoSigningKey)) {
      context.err(errorText(error));
    }
    return undefined;
  }
}

/** @throws {UsageError} when an option needs NATS, and no server is named. */
export function checkNatsOptions({ nats, detach }: NatsOptions): void {
  if (nats !== undefined || !detach) return;
  throw new UsageError("Cannot use --detach: it needs --nats URL");
}
