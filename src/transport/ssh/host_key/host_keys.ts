// The host keys of a run: looks up the known keys of each host, and records new
// ones. A key is recorded only after its signature was verified.
import { ConnectError, messageOf } from "../../../errors.ts";
import { Buffer } from "node:buffer";
import {
  keyType,
  type KnownHosts,
  parseKnownHosts,
} from "../../known_hosts/known_hosts.ts";
import {
  appendKnownHost,
  type KnownHostsFiles,
} from "../../known_hosts/known_hosts_file.ts";
import type { Endpoint, HostKeyPolicy } from "../../transport.ts";
import { fingerprint, judgeHostKey, knownAs } from "./verify_host_key.ts";

/** Where keys are looked up and recorded. */
export interface HostKeyOptions {
  /** Default: the keys in `files`. */
  readonly knownHosts?: KnownHosts | undefined;
  readonly files: readonly string[];
  /** Reads files. */
  readonly reader: KnownHostsFiles;
  readonly policy: HostKeyPolicy;
  /** The file that new keys are added to. */
  readonly file: string;
  /** Called once for each host that must not be sent a password. */
  readonly onDistrust?: ((host: string, why: string) => void) | undefined;
  /** Called with each host whose key was added to known_hosts, and the key. */
  readonly onAdded?: ((host: string, key: string) => void) | undefined;
}

/** Judges the keys of a run. */
export class HostKeys {
  readonly #options: HostKeyOptions;
  /** The hosts that `onDistrust` was called for. */
  readonly #reported = new Set<string>();

  constructor(options: HostKeyOptions) {
    this.#options = options;
  }

  /**
   * Makes the judge of a host's key.
   *
   * @param reader Default: that of the options.
   * @throws {ConnectError} phase `hostkey`, when a file cannot be read.
   */
  async of(
    endpoint: Endpoint,
    reader = this.#options.reader,
  ): Promise<HostKeyJudge> {
    const files = endpoint.ssh?.knownHostsFiles;
    const [file = this.#options.file] = files ?? [];
    const { knownHosts: given } = this.#options;
    const policy = endpoint.ssh?.hostKeys ?? this.#options.policy;
    const knownHosts = files === undefined && given !== undefined
      ? given
      : await this.#known(endpoint, {
        files: files ?? this.#options.files,
        reader,
      })
        .catch((error) => {
          // As in ssh: without checks, the known keys are not needed.
          if (policy === "off") return parseKnownHosts([]);
          throw error;
        });
    return new HostKeyJudge(endpoint, {
      knownHosts,
      policy,
      file,
      onAdded: this.#options.onAdded,
      onDistrust: (host, why) => {
        if (this.#reported.has(host)) return;
        this.#reported.add(host);
        this.#options.onDistrust?.(host, why);
      },
    });
  }

  async #known(
    { name: host }: Endpoint,
    { files, reader }: Pick<HostKeyOptions, "files" | "reader">,
  ): Promise<KnownHosts> {
    try {
      return await reader.known(files);
    } catch (cause) {
      const reason = messageOf(cause);
      throw new ConnectError(`Cannot trust ${host}: ${reason}`, {
        phase: "hostkey",
        host,
        hint: "Name another file of host keys with `knownHostsFiles`",
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
  #saved: Promise<void> | undefined;
  /** The key that the host showed first on this connection. */
  #key: Uint8Array | undefined;
  /** No key of the host is known, and `accept-new` takes this one. */
  #isNew = false;
  #distrust: string | undefined;

  constructor(endpoint: Endpoint, options: JudgeOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  /** The types of the known keys of the host. */
  get knownTypes(): string[] {
    const { address, port } = knownAs(this.#endpoint);
    return this.#options.knownHosts.keyTypes(address, port);
  }

  /** The key that the host showed. */
  get key(): Uint8Array | undefined {
    return this.#key;
  }

  /** Why the host must not be sent a password, once it has shown its key. */
  get distrust(): string | undefined {
    return this.#distrust;
  }

  /**
   * Judges the key that the host shows. A connection keeps its key when keys are
   * exchanged again.
   *
   * @throws {ConnectError} phase `hostkey`, when it must not be trusted.
   */
  judge(key: Uint8Array): void {
    const { onDistrust } = this.#options;
    const { name: host } = this.#endpoint;
    if (this.#key !== undefined) {
      if (Buffer.compare(this.#key, key) === 0) return;
      throw new ConnectError(
        `Cannot trust ${host}: it showed another key during the connection`,
        {
          phase: "hostkey",
          host,
          hint:
            "Compare the key at the host itself: another machine may answer in its place",
        },
      );
    }
    this.#key = Uint8Array.from(key);
    const trust = judgeHostKey(this.#endpoint, key, this.#options);
    const { distrust } = trust;
    this.#isNew = trust.newLine !== undefined;
    this.#distrust = distrust;
    if (distrust !== undefined) onDistrust?.(host, distrust);
  }

  /**
   * Records a new key, once the host has signed the key exchange with it: before
   * that it may be any key. It is checked again, because another connection may
   * have recorded a key in the meantime.
   *
   * @throws {ConnectError} phase `hostkey`, when it is no longer a new key.
   */
  signatureVerified(): void {
    if (this.#key === undefined || !this.#isNew) return;
    const { knownHosts, file, onAdded } = this.#options;
    const key = this.#key;
    const { newLine } = judgeHostKey(this.#endpoint, this.#key, this.#options);
    if (newLine === undefined) return;
    knownHosts.add(newLine, file, 0); // for the other connections
    this.#saved = appendKnownHost(file, newLine).then(() =>
      onAdded?.(this.#endpoint.name, `${keyType(key)} ${fingerprint(key)}`)
    );
    this.#saved.catch(() => {}); // `saved()` throws it
  }

  /**
   * Waits until a new key is on disk.
   *
   * @throws {ConnectError} phase `hostkey`, when it cannot be written.
   */
  async saved(): Promise<void> {
    try {
      await this.#saved;
    } catch (cause) {
      const { name: host } = this.#endpoint;
      const reason = messageOf(cause);
      throw new ConnectError(
        `Cannot add the key of ${host} to ${this.#options.file}: ${reason}`,
        {
          phase: "hostkey",
          host,
          hint:
            "Make the file writable for you, or name another with `knownHostsFiles`",
          cause,
        },
      );
    }
  }
}
