// The errors of a server that refuses every login alike, whatever is offered. What
// one host met there holds for other names of the same server.
import { ConnectError, type FtlErrorOptions } from "../../../errors.ts";

/** A server that refuses every login alike. */
export class ServerRefusal extends ConnectError {
  /** Makes an error of the phase `connect`. */
  constructor(
    message: string,
    options: FtlErrorOptions & { mayPass: boolean },
  ) {
    super(message, { ...options, phase: "connect" });
  }
}

/** A login that failed on this side: a question without an answer. */
export class UnansweredLogin extends ConnectError {}

/** The server and ftl have no algorithm in common. */
export class NoCommonAlgorithm extends ServerRefusal {
  /** What the server requires, completing "uses the system's ssh for …". */
  readonly required: string;

  /** @param options `required`: what the server requires */
  constructor(
    message: string,
    options: FtlErrorOptions & { required: string },
  ) {
    super(message, { ...options, mayPass: false });
    this.required = options.required;
  }
}

/** The reason in an error, or in what caused it; undefined when there is none. */
export function noCommonAlgorithm(
  error: unknown,
): NoCommonAlgorithm | undefined {
  if (error instanceof NoCommonAlgorithm) return error;
  return error instanceof ConnectError
    ? noCommonAlgorithm(error.cause)
    : undefined;
}
