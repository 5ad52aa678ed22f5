// What the user of a worker is told of hosts whose results could not be stored.
import { FtlError, messageOf } from "../../../errors.ts";
import { someNames } from "../messages/some_names.ts";

/** Thrown when NATS did not take the results of hosts that have begun. */
export class UnreportedHosts extends FtlError {
  /** Their names. */
  readonly hosts: readonly string[];

  constructor(hosts: readonly string[], cause: unknown) {
    const what = hosts.length === 0 ? "the end of a call" : someNames(hosts);
    super(`Cannot report ${what}: ${messageOf(cause)}`, { cause });
    this.hosts = hosts;
  }
}
