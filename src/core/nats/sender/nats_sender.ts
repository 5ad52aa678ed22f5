// What every run of one sender shares: the connection, the key that signs, the keys
// of the workers that secrets are sealed for, and the form of its messages.
import { FtlError } from "../../../errors.ts";
import type { KnownWorkers } from "../trust/known_workers.ts";
import type { BeginLimit } from "../messages/begin_limit.ts";
import { PURPOSE, siteRecipient } from "../messages/open_chunk.ts";
import { MOST_CALL_BYTES, NatsBodies } from "../server/nats_bodies.ts";
import { NatsFiles } from "../server/nats_files.ts";
import type { NatsLink } from "../server/nats_link.ts";
import type { RecordedModules } from "../messages/recorded_modules.ts";
import { sealBytes } from "../trust/sealed.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { SentBody, SentChunk } from "../messages/sent_call.ts";
import { RunSigner } from "../trust/signed_message.ts";
import type { SigningKey } from "../trust/signing_key.ts";

/** A sender and its surroundings. */
export interface NatsSenderOptions {
  readonly link: NatsLink;
  readonly ftl: string;
  readonly build: string;
  /** Its name for people: `ann@bastion`. */
  readonly from: string;
  /** The modules that its calls ask for. */
  readonly modules: RecordedModules;
  /** Signs calls. Default: they are not signed. */
  readonly key?: SigningKey | undefined;
  /** The workers whose keys are pinned. Default: secrets cannot be sent. */
  readonly known?: KnownWorkers | undefined;
  /**
   * Hosts are given up when their site has no worker for so long; default: 5 min. Those
   * of a detached run when they have not begun; default: never.
   */
  readonly workerTimeoutMs?: number | undefined;
  /** Called with what the user should know while a run goes on. */
  readonly onNote: (text: string) => void;
}

/** A chunk before it is signed. */
export interface ChunkDraft {
  readonly site: string;
  readonly run: string;
  readonly chunk: number;
  readonly log: number;
  readonly detached: boolean;
  readonly limit?: BeginLimit | undefined;
  readonly body: SentBody;
  /** Whether something in it is secret. */
  readonly isSecret: boolean;
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

  /** Whether secrets can be sent. */
  get seals(): boolean {
    return (this.options.known?.keys.length ?? 0) > 0;
  }

  /** Signs what is said in a run. */
  signer(run: string): Promise<RunSigner> {
    const { key, from: sender } = this.options;
    return RunSigner.make({ run, sender, key });
  }

  /** The message of a chunk. */
  async chunk(
    { site, body, isSecret, ...about }: ChunkDraft,
    signer: RunSigner,
  ): Promise<Uint8Array> {
    const { ftl, build } = this.options;
    const hosts = body.hosts.map(({ index }) => index);
    const message: SentChunk = {
      ...{ ftl, build, hosts },
      ...about,
      ...isSecret ? { sealed: await this.#seal(body, about.run) } : { body },
    };
    const signed = await signer.sign(encodeNats(message), siteRecipient(site));
    if (signed.length > MOST_CALL_BYTES) {
      throw new FtlError(
        `Cannot send the call over NATS: its arguments have ${signed.length} bytes, more than ${MOST_CALL_BYTES}`,
        { hint: "Put large content into files" },
      );
    }
    return await this.bodies.pack(signed);
  }

  async #seal(body: SentBody, run: string): Promise<string> {
    const { key, known } = this.options;
    if (key === undefined) {
      throw new FtlError(
        "Cannot send secrets over NATS: no key signs the call",
        {
          hint: "Name the key that signs with --sign-key",
        },
      );
    }
    const context = { run, sender: key.fingerprint, purpose: PURPOSE };
    const keys = known?.keys ?? [];
    return (await sealBytes(encodeNats(body), keys, context)).toBase64();
  }
}
