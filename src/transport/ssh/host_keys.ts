// The host keys of a run: what each host is known by, and new keys noted down.
import { ConnectError, messageOf } from "../../errors.ts";
import type { KnownHosts } from "../known_hosts/known_hosts.ts";
import {
  appendKnownHost,
  type KnownHostsFiles,
} from "../known_hosts/known_hosts_file.ts";
import type { Endpoint, HostKeyPolicy } from "../transport.ts";
import { judgeHostKey, knownAs } from "./verify_host_key.ts";

/** Where keys are looked up and noted down. */
export interface HostKeyOptions {
  /** Default: what `files` say. */
  readonly knownHosts?: KnownHosts | undefined;
  readonly files: readonly string[];
  /** Reads files. */
  readonly reader: KnownHostsFiles;
  readonly policy: HostKeyPolicy;
  /** Where a new key is noted down. */
  readonly file: string;
}

/** Judges the keys of a run. */
export class HostKeys {
  readonly #options: HostKeyOptions;

  constructor(options: HostKeyOptions) {
    this.#options = options;
  }

  /**
   * Gets ready to judge the key of a host.
   *
   * @throws {ConnectError} phase `hostkey`, when a file cannot be read.
   */
  async of(endpoint: Endpoint): Promise<HostKeyJudge> {
    const files = endpoint.ssh?.knownHostsFiles;
    const [file = this.#options.file] = files ?? [];
    const { knownHosts: given } = this.#options;
    const knownHosts = files === undefined && given !== undefined
      ? given
      : await this.#known(endpoint, files ?? this.#options.files);
    const policy = endpoint.ssh?.hostKeys ?? this.#options.policy;
    return new HostKeyJudge(endpoint, { knownHosts, policy, file });
  }

  async #known(
    { name: host }: Endpoint,
    files: readonly string[],
  ): Promise<KnownHosts> {
    try {
      return await this.#options.reader.known(files);
    } catch (cause) {
      const reason = messageOf(cause);
      throw new ConnectError(`Cannot trust ${host}: ${reason}`, {
        phase: "hostkey",
        host,
        hint: "--known-hosts names another file of host keys",
        cause,
      });
    }
  }
}

interface JudgeOptions extends Omit<HostKeyOptions, "files" | "reader"> {
  readonly knownHosts: KnownHosts;
}

/** Judges the key of one host. */
export class HostKeyJudge {
  readonly #endpoint: Endpoint;
  readonly #options: JudgeOptions;
  #noted: Promise<void> | undefined;

  constructor(endpoint: Endpoint, options: JudgeOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  /** The types of the host's keys that are known. */
  get knownTypes(): string[] {
    const { address, port } = knownAs(this.#endpoint);
    return this.#options.knownHosts.keyTypes(address, port);
  }

  /**
   * Judges the key that the host shows.
   *
   * @throws {ConnectError} phase `hostkey`, when it must not be trusted.
   */
  judge(key: Uint8Array): void {
    const { knownHosts, file } = this.#options;
    const line = judgeHostKey(this.#endpoint, key, this.#options);
    if (line === undefined) return;
    knownHosts.add(line, file, 0); // others may ask about it at once
    this.#noted = appendKnownHost(file, line);
    this.#noted.catch(() => {}); // `noted()` tells
  }

  /**
   * Waits until a new key is on disk.
   *
   * @throws {ConnectError} phase `hostkey`, when it cannot be.
   */
  async noted(): Promise<void> {
    try {
      await this.#noted;
    } catch (cause) {
      const { name: host } = this.#endpoint;
      const reason = messageOf(cause);
      throw new ConnectError(
        `Cannot add the key of ${host} to ${this.#options.file}: ${reason}`,
        {
          phase: "hostkey",
          host,
          hint: "Is the file yours to write? --known-hosts names another",
          cause,
        },
      );
    }
  }
}
