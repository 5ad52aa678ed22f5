// The files of another machine that came along with a call, in place of those of this
// one, which are then never read.
import type { PushSource } from "../push/push_source.ts";
import type { LocalSource } from "../work/local_source.ts";

/** What was received. */
export interface ReceivedFiles {
  /** The source of a push. */
  push(): Promise<PushSource>;
  /** What the call reads for a host. Rejects when nothing was sent. */
  local(host: string): Promise<LocalSource>;
}
