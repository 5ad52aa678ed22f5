// The part of an action that reads files of the controller. It comes before anything
// happens on a host, so that another machine can do the rest.
import type { HostContext } from "../work/host_context.ts";
import type { LocalSource } from "../work/local_source.ts";

/** What such a part knows of a host and its call. */
export type LocalReading = Pick<
  HostContext,
  "args" | "host" | "call" | "vault" | "runHosts" | "templates" | "keepSecrets"
>;

/**
 * Reads what a call needs for a host; undefined when it needs no file. Ends the action
 * with `fail()` when it cannot be read.
 */
export type ReadLocal = (
  reading: LocalReading,
) => Promise<LocalSource | undefined>;
