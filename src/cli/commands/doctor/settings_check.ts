// Checks the file of settings: which one is used, and whether one was skipped.
import { checkForCalls } from "../../settings/check_for_calls.ts";
import { findSettings } from "../../settings/find_settings.ts";
import { checkSettings } from "../../settings/known_settings.ts";
import { readSettingsFile } from "../../settings/settings_file.ts";
import type { Context } from "../context.ts";
import { type Check, count, failed } from "./check.ts";

/** Reports the file of settings that commands use here. */
export async function checkSettingsFile(context: Context): Promise<Check> {
  const name = "settings";
  try {
    const { path, warnings } = findSettings((each) => context.env(each));
    const settings = path === undefined
      ? []
      : checkSettings(await readSettingsFile(path));
    for (const { known: { name }, value, place } of settings) {
      await checkForCalls({ name, value, place }, (each) => context.env(each));
    }
    const found = path === undefined
      ? "No ftl.yml"
      : `${path}: ${count(settings.length, "setting")}`;
    const details = settings.map(({ known, place }) =>
      `${place}: ${known.name}`
    );
    const [skipped] = warnings;
    return skipped === undefined ? { name, verdict: "ok", found, details } : {
      name,
      verdict: "warn",
      found: `${found}; ${skipped.replace(/^warning: /, "").split("; ")[0]}`,
      remedy: skipped.slice(skipped.indexOf("; ") + 2),
      details,
    };
  } catch (error) {
    return failed(name, error);
  }
}
