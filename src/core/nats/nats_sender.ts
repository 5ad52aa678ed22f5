// What every run of one sender shares: the connection, the key that signs, the keys
// of the workers that secrets are sealed for, and the form of its messages.
import { FtlError } from "../../errors.ts";
import { siteRecipient } from "./open_chunk.ts";
import { PURPOSE } from "./open_chunk.ts";
import { NatsBodies } from "./nats_bodies.ts";
import { NatsFiles } from "./nats_files.ts";
import type { NatsLink } from "./nats_link.ts";
import type { RecordedModules } from "./recorded_modules.ts";
import { sealBytes } from "./sealed.ts";
import { encodeMessage, type SentBody, type SentChunk } from "./sent_call.ts";
import { signCall } from "./signed.ts";
import type { SigningKey } from "./signing_key.ts";

/** For how long a message is valid: as long as the streams keep it. */
const LIFETIME_MS = 24 * 3600_000;

/** A sender and its surroundings. */
export interface NatsSenderOptions {
  readonly link: NatsLink;
  readonly ftl: string;
  readonly build: string;
  /** Who it is, for people: `ann@bastion`. */
  readonly from: string;
  /** The modules that its calls ask for. */
  readonly modules: RecordedModules;
  /** Signs calls. Default: they are not signed. */
  readonly key?: SigningKey | undefined;
  /** The public keys of the workers. Default: nothing is sealed. */
  readonly workerKeys: readonly Uint8Array[];
  /** Called with what the user should know while a run goes on. */
  readonly onNote: (text: string) => void;
}

/** Makes the messages of a sender. */
export class NatsSender {
  readonly options: NatsSenderOptions;
  readonly files: NatsFiles;
  readonly bodies: NatsBodies;

  constructor(options: NatsSenderOptions) {
    this.options = options;
    this.files = new NatsFiles(options.link);
    this.bodies = new NatsBodies(options.link, this.files);
  }

  /** Whether workers get secrets. */
  get seals(): boolean {
    return this.options.workerKeys.length > 0;
  }

  /** The message of a chunk. */
  async chunk(
    { site, run, chunk, detached, body }: {
      site: string;
      run: string;
      chunk: number;
      detached: boolean;
      body: SentBody;
    },
  ): Promise<Uint8Array> {
    const { ftl, build } = this.options;
    const hosts = body.hosts.map(({ index }) => index);
    const about = { ftl, build, run, chunk, detached, hosts };
    const message: SentChunk = this.seals
      ? { ...about, sealed: await this.#seal(body, run) }
      : { ...about, body };
    const signed = await this.sign(encodeMessage(message), {
      recipient: siteRecipient(site),
      run,
    });
    return await this.bodies.pack(signed);
  }

  /** Bytes with the signature of this sender, as far as it has a key. */
  async sign(
    bytes: Uint8Array,
    { run, recipient }: { run: string; recipient: string },
  ): Promise<Uint8Array> {
    const { key, from } = this.options;
    if (key === undefined) return bytes;
    return await signCall(bytes, {
      ...{ key, run, recipient },
      sender: from,
      lifetimeMs: LIFETIME_MS,
    });
  }

  async #seal(body: SentBody, run: string): Promise<string> {
    const { key, workerKeys } = this.options;
    if (key === undefined) {
      throw new FtlError("Cannot seal a call: no key signs it", {
        hint: "Name the key that signs with --sign-key",
      });
    }
    const context = { run, sender: key.fingerprint, purpose: PURPOSE };
    const sealed = await sealBytes(encodeMessage(body), workerKeys, context);
    return sealed.toBase64();
  }
}
