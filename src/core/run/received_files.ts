// The files of another machine that came along with a call, in place of those of this
// one, which are then neither read nor written.
import type { FetchTarget } from "../fetch/fetch_target.ts";
import type { PushSource } from "../push/push_source.ts";
import type { LocalSource } from "../work/local_source.ts";

/** What was received. */
export interface ReceivedFiles {
  /** The source of a push. */
  push(): Promise<PushSource>;
  /** What the call reads for a host. Rejects when nothing was sent. */
  local(host: string): Promise<LocalSource>;
  /** Takes what is fetched from a host. */
  target(host: string): FetchTarget;
}
