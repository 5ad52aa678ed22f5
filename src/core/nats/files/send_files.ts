// Reads the files of this machine that a call needs, and puts them where its workers
// find them: once for all hosts, or for each host what is its own.
import { sha256 } from "../../../gate/sources/build_inputs.ts";
import type { Host } from "../../../inventory/inventory.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import { failureOf } from "../../actions/action_result.ts";
import type { LocalReading, ReadLocal } from "../../actions/read_local.ts";
import { findAction } from "../../actions/registry.ts";
import type { HostFleet } from "../../fleet/host_fleet.ts";
import { hasRef } from "../../input/reference.ts";
import type { PushSource } from "../../push/push_source.ts";
import { openScript } from "../../run/plan.ts";
import type { RunPlan } from "../../run/plan_run.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { ContentStore, SentContent } from "./sent_content.ts";
import { sendFault, sendLocalSource, sendPushSource } from "./sent_source.ts";

/** What a host gets, and the secrets in it. */
export interface HostFiles {
  /** Undefined when it gets nothing of its own. */
  readonly files: SentContent | undefined;
  readonly secrets: readonly string[];
}

const NOTHING: HostFiles = { files: undefined, secrets: [] };

/** What a run needs to send files. */
export interface SendFilesOptions {
  readonly fleet: HostFleet;
  readonly store: ContentStore;
  /** The source of a push. */
  readonly source: PushSource | undefined;
  /** Called before a file is sent; throws when none can be. */
  readonly beforeSending: () => void;
}

/** Sends the files of one run. */
export class SendFiles {
  readonly #plan: RunPlan;
  readonly #options: SendFilesOptions;
  readonly #read: ReadLocal | undefined;
  readonly #for: "run" | "arguments" | "host";
  /** What was sent, by the arguments that it was read for. */
  readonly #sent = new Map<string, Promise<HostFiles>>();

  private constructor(
    plan: RunPlan,
    options: SendFilesOptions,
    { read, readsByHost = false }: {
      read?: ReadLocal | undefined;
      readsByHost?: boolean | undefined;
    },
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#read = read;
    const { args, templates } = plan;
    const differ = templates !== undefined || hasRef(args);
    this.#for = readsByHost ? "host" : differ ? "arguments" : "run";
  }

  /** Finds out what a call reads. Reads nothing yet. */
  static async of(
    plan: RunPlan,
    options: SendFilesOptions,
  ): Promise<SendFiles> {
    const { call } = plan;
    if (!("module" in call) || call.native || call.moduleOnly) {
      return new SendFiles(plan, options, {});
    }
    const { action } = await findAction(call.module, options.fleet);
    return new SendFiles(plan, options, {
      read: await action?.read?.(),
      readsByHost: action?.readsByHost,
    });
  }

  /**
   * Sends what all hosts get; undefined when that is nothing.
   *
   * @throws {SourceError} when a file cannot be read.
   * @throws {FtlError} when there is no room for it.
   */
  async forAll(): Promise<SentContent | undefined> {
    const { call, args } = this.#plan;
    const { source, store, beforeSending } = this.#options;
    if (source !== undefined) {
      beforeSending();
      return await sendPushSource(source, store);
    }
    if ("command" in call && call.script) {
      const script = await openScript(call.command[0] ?? "");
      beforeSending();
      return await sendLocalSource(script, store);
    }
    if (this.#for !== "run") return undefined;
    const nobody = { name: "", groups: [], vars: {} };
    return (await this.#send(nobody, args)).files;
  }

  /**
   * Sends what a host gets of its own.
   *
   * @throws {Error} that becomes the host's result.
   */
  async forHost(host: Host, args: JsonObject): Promise<HostFiles> {
    if (this.#for === "run") return NOTHING;
    if (this.#for === "host") return await this.#send(host, args);
    const key = await sha256(encodeNats(args));
    let sent = this.#sent.get(key);
    if (sent === undefined) {
      sent = this.#send(host, args);
      this.#sent.set(key, sent);
    }
    return await sent;
  }

  async #send(host: Host, args: JsonObject): Promise<HostFiles> {
    const { fleet, store, beforeSending } = this.#options;
    const { call, hosts } = this.#plan;
    const secrets: string[] = [];
    const reading: LocalReading = {
      ...{ host, args, call, vault: fleet.vault, runHosts: hosts },
      templates: () => fleet.templates(),
      keepSecrets: (texts) => {
        for (const text of texts) {
          secrets.push(text);
          fleet.secrets.add(text);
        }
      },
    };
    try {
      const source = await this.#read?.(reading);
      if (source === undefined) return NOTHING;
      beforeSending();
      return { files: await sendLocalSource(source, store), secrets };
    } catch (error) {
      // As without workers, that is the result of the call.
      const fault = failureOf(error);
      if (fault === undefined) throw error;
      return { files: await sendFault(fault, store), secrets };
    }
  }
}
