// Looks up a path on the host with the module stat, as Ansible's actions do.
import { isObject } from "../../protocol/body.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import type { OpenHost } from "../work/host_context.ts";
import { fail, runStep } from "./action_result.ts";

/** A path on the host. */
export interface RemoteStat {
  readonly exists: boolean;
  readonly isdir: boolean;
  readonly isreg: boolean;
  /** SHA-1; empty unless it is a file that can be read. */
  readonly checksum: string;
  /** The final target of a link; undefined for anything else. */
  readonly linkTarget: string | undefined;
}

/** Looks up a path; ends the action when the module fails. */
export async function statOf(
  host: OpenHost,
  { stat, path, follow, checksum = true }: {
    stat: PreparedModule;
    path: string;
    follow: boolean;
    checksum?: boolean;
  },
): Promise<RemoteStat> {
  const answer = await runStep(host, stat, {
    path,
    follow,
    get_checksum: checksum,
    checksum_algorithm: "sha1",
    get_mime: false,
    get_attributes: false,
  });
  if (answer.failed || !isObject(answer.stat)) {
    fail(
      `Failed to get information on remote file (${path}): ${answer.msg ?? ""}`,
    );
  }
  return read(answer.stat);
}

function read(stat: JsonObject): RemoteStat {
  const { exists, isdir, isreg, checksum, islnk, lnk_source } = stat;
  return {
    exists: exists === true,
    isdir: isdir === true,
    isreg: isreg === true,
    checksum: typeof checksum === "string" ? checksum : "",
    linkTarget: islnk === true && typeof lnk_source === "string"
      ? lnk_source
      : undefined,
  };
}
