// Makes the engine whose calls workers make, for the options of a command.
import { join } from "@std/path";
import { KnownWorkers } from "../../core/nats/trust/known_workers.ts";
import { Provision } from "../../core/fleet/provision.ts";
import {
  NatsSender,
  type NatsSenderOptions,
} from "../../core/nats/sender/nats_sender.ts";
import { NatsEngine } from "../../core/nats/sender/nats_engine.ts";
import { RecordedModules } from "../../core/nats/messages/recorded_modules.ts";
import {
  findSigningKey,
  NoSigningKey,
  type SigningKey,
} from "../../core/nats/trust/signing_key.ts";
import type { SessionInventory } from "../../core/fleet/session_inventory.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import { escapeLine } from "../../output/escape.ts";
import { defaultFolder } from "../../store/folder.ts";
import type { Context } from "../commands/context.ts";
import { askPassphrase } from "../credentials/ask_passphrase.ts";
import type { NatsOptions } from "../options/nats_rows.ts";
import { OPTIONS_OF_WORKERS } from "../options/options_of_workers.ts";
import { errorText, UsageError, warningText } from "../process/exit_code.ts";
import { buildId } from "../process/own_program.ts";
import { VERSION } from "../process/version.ts";
import { type CliFleetOptions, makeFleet } from "./fleet_options.ts";
import { connectToNats } from "./nats_connection.ts";

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
  try {
    return new NatsEngine(
      fleet,
      await senderOptions(options, context, { modules: modules!, say }),
    );
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

/**
 * Makes a sender that makes no calls.
 *
 * @throws {FtlError} when NATS cannot be used.
 */
export async function makeNatsSender(
  options: NatsOptions & { verbose?: number },
  context: Context,
  { say }: { say: (text: string) => void },
): Promise<NatsSender> {
  const modules = new RecordedModules(new Provision({ sources: { dirs: [] } }));
  return new NatsSender(
    await senderOptions(options, context, { modules, say }),
  );
}

async function senderOptions(
  options: NatsOptions & { verbose?: number },
  context: Context,
  { modules, say }: {
    modules: RecordedModules;
    say: (text: string) => void;
  },
): Promise<NatsSenderOptions> {
  const onNote = (text: string) => say(warningText(escapeLine(text)));
  const from = `${context.env("USER") ?? "someone"}@${Deno.hostname()}`;
  const link = await connectToNats(options.nats, {
    name: `ftl: ${from}`,
    role: "sender",
    ...{ context, onNote },
  });
  try {
    return {
      ...{ link, from, modules },
      ftl: VERSION,
      build: await buildId(),
      key: await signingKey(options, context),
      known: await loadKnownWorkers(options.knownWorkers),
      workerTimeoutMs: options.workerTimeout && options.workerTimeout * 1000,
      onNote,
    };
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The workers whose keys are pinned in a file. */
export async function loadKnownWorkers(
  file: string | undefined,
): Promise<KnownWorkers> {
  return await KnownWorkers.load(
    file ?? join(await defaultFolder(), "known_workers"),
  );
}

/** The options without those that are the workers' own affair. */
function ownOptions<T extends CliFleetOptions>(
  options: T,
  context: Context,
): Omit<T, keyof typeof OPTIONS_OF_WORKERS> {
  const own: T = { ...options };
  for (const [name, [flag, why]] of Object.entries(OPTIONS_OF_WORKERS)) {
    const key = name as keyof typeof OPTIONS_OF_WORKERS;
    if (own[key] === undefined) continue;
    delete own[key];
    context.err(warningText(`${flag} is not used: ${why}`));
  }
  return own;
}

/** The key that signs; undefined when none is named and none is found. */
async function signingKey(
  { signKey, verbose }: NatsOptions & { verbose?: number },
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
