// The host keys of a run: what each host is known by, and new keys noted down.
import { ConnectError, messageOf } from "../../errors.ts";
import { Buffer } from "node:buffer";
import {
  type KnownHosts,
  parseKnownHosts,
} from "../known_hosts/known_hosts.ts";
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
  /** Told once of each host that must not be sent a password, and why. */
  readonly onDistrust?: ((host: string, why: string) => void) | undefined;
}

/** Judges the keys of a run. */
export class HostKeys {
  readonly #options: HostKeyOptions;
  /** The hosts that `onDistrust` was told of. */
  readonly #told = new Set<string>();

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
    const policy = endpoint.ssh?.hostKeys ?? this.#options.policy;
    const knownHosts = files === undefined && given !== undefined
      ? given
      : await this.#known(endpoint, files ?? this.#options.files)
        .catch((error) => {
          // As ssh does: nothing is known where nothing need be.
          if (policy === "off") return parseKnownHosts([]);
          throw error;
        });
    return new HostKeyJudge(endpoint, {
      knownHosts,
      policy,
      file,
      onDistrust: (host, why) => {
        if (this.#told.has(host)) return;
        this.#told.add(host);
        this.#options.onDistrust?.(host, why);
      },
    });
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
  /** What the host has shown first on this connection. */
  #key: Uint8Array | undefined;
  #distrust: string | undefined;

  constructor(endpoint: Endpoint, options: JudgeOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  /** The types of the host's keys that are known. */
  get knownTypes(): string[] {
    const { address, port } = knownAs(this.#endpoint);
    return this.#options.knownHosts.keyTypes(address, port);
  }

  /** Why the host must not be sent a password, once it has shown its key. */
  get distrust(): string | undefined {
    return this.#distrust;
  }

  /**
   * Judges the key that the host shows, which stays the same when keys are
   * exchanged again on a connection.
   *
   * @throws {ConnectError} phase `hostkey`, when it must not be trusted.
   */
  judge(key: Uint8Array): void {
    const { knownHosts, file, onDistrust } = this.#options;
    const { name: host } = this.#endpoint;
    if (this.#key !== undefined) {
      if (Buffer.compare(this.#key, key) === 0) return;
      throw new ConnectError(
        `Cannot trust ${host}: it has shown another key in the middle of the connection`,
        {
          phase: "hostkey",
          host,
          hint: "Somebody may stand in between; compare the host's key",
        },
      );
    }
    this.#key = Uint8Array.from(key);
    const { note, distrust } = judgeHostKey(this.#endpoint, key, this.#options);
    this.#distrust = distrust;
    if (distrust !== undefined) onDistrust?.(host, distrust);
    if (note === undefined) return;
    knownHosts.add(note, file, 0); // others may ask about it at once
    this.#noted = appendKnownHost(file, note);
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
