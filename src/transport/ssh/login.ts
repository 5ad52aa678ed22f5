// Logging in on one host: what is tried in which order, and what is to be said
// when nothing worked. Each way is tried once.
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import { ConnectError } from "../../errors.ts";
import type { Endpoint } from "../transport.ts";
import type { Deadline } from "./deadline.ts";
import type { IdentitySource } from "./identities.ts";
import { type Identity, OneKeyAgent } from "./identity.ts";

/** One host's login. */
export class Login {
  readonly #endpoint: Endpoint;
  readonly #source: IdentitySource;
  readonly #deadline: Deadline;
  readonly #offered: string[] = [];
  readonly #unusable: string[] = [];
  #accepted: readonly string[] | null = null;
  #over = false;

  constructor(
    endpoint: Endpoint,
    { source, deadline }: { source: IdentitySource; deadline: Deadline },
  ) {
    this.#endpoint = endpoint;
    this.#source = source;
    this.#deadline = deadline;
  }

  /** True when there is nothing left to try. */
  get over(): boolean {
    return this.#over;
  }

  /** Notes that a way of logging in failed on our side; the next one is tried. */
  note(error: Error): void {
    this.#unusable.push(error.message);
  }

  /** What ssh2 asks for the next way to try. */
  handler(): AuthHandlerMiddleware {
    const methods = this.#methods();
    return (accepted, _partial, next) => {
      this.#accepted = accepted ?? null; // null before the host has refused one
      methods.next().then(({ value }) => {
        if (value) return next(value);
        this.#over = true;
        // ssh2 takes false for the end of the list; its types do not say so.
        (next as (way: AnyAuthMethod | false) => void)(false);
      });
    };
  }

  /** The error when the host has not let the user in, or has hung up. */
  failure(cause: unknown): ConnectError {
    const { name, user } = this.#endpoint;
    const reasons = [...this.#hangUp(cause), this.#tried(), ...this.#unusable];
    return new ConnectError(
      `Cannot log in to ${name} as ${user}: ${reasons.join("; ")}`,
      { phase: "auth", host: name, hint: this.#hint(), cause },
    );
  }

  /** Why the host ended the login before all was tried, if it did. */
  #hangUp(cause: unknown): string[] {
    if (this.#over) return [];
    const message = cause instanceof Error ? cause.message : String(cause);
    return [`the host closed the connection (${message})`];
  }

  #tried(): string {
    if (this.#offered.length === 0) return "there was no key to offer";
    const verb = this.#over ? "it refused" : "it was offered";
    return `${verb} ${this.#offered.join(", ")}`;
  }

  async *#methods(): AsyncGenerator<AnyAuthMethod, undefined> {
    const { identities, unusable } = await this.#source.of(this.#endpoint);
    this.#unusable.push(...unusable);
    const [first, second] = identities;
    if (second && !first?.privateKey) yield* this.#askOnce();
    for (const identity of identities) {
      if (!this.#accepts("publickey")) break;
      this.#offered.push(identity.label);
      yield this.#withKey(identity);
    }
    yield* this.#askOnce();
    return undefined;
  }

  /**
   * Learns what the host accepts, unless a refusal has told it; after a key of
   * an agent ssh2 does not pass it on. Before the first key this costs a round
   * trip, after it one of the tries that the host allows.
   */
  *#askOnce(): Generator<AnyAuthMethod> {
    if (this.#accepted !== null) return;
    yield { type: "none", username: this.#endpoint.user };
  }

  #accepts(method: string): boolean {
    return this.#accepted === null || this.#accepted.includes(method);
  }

  #withKey(identity: Identity): AnyAuthMethod {
    const username = this.#endpoint.user;
    const { privateKey } = identity;
    if (privateKey) return { type: "publickey", username, key: privateKey };
    const agent = new OneKeyAgent(identity, async (data, hash) => {
      // While somebody types a passphrase the host is not what is slow.
      const resume = identity.locked ? this.#deadline.pause() : undefined;
      try {
        return await identity.sign(data, hash);
      } catch (error) {
        this.#offered.splice(this.#offered.indexOf(identity.label), 1);
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${identity.label} cannot sign: ${reason}`);
      } finally {
        resume?.();
      }
    });
    return { type: "agent", username, agent };
  }

  #hint(): string | undefined {
    if (!this.#over && this.#offered.length > 2) {
      return "Name the right key (--private-key), so that it is offered first: a host ends a login after a few (MaxAuthTries)";
    }
    const accepted = this.#accepted ?? [];
    if (accepted.length === 0) return undefined;
    return `The host accepts: ${accepted.join(", ")}`;
  }
}
