// The version of ftl; deno.json has the only copy.
import config from "../../../deno.json" with { type: "json" };

export const VERSION: string = config.version;
