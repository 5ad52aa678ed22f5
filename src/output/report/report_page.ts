// The page of a report: one file that loads nothing. Its policy allows only the
// script and the style in it, by their hashes, so that no text from a host can
// ever run; all of them are data, in a block that is not a script.
import script from "./report_client.js" with { type: "text" };
import style from "./report.css" with { type: "text" };
import type { ReportData } from "./report_data.ts";

/** Makes the page of a run. */
export async function reportPage(data: ReportData): Promise<string> {
  const policy = [
    "default-src 'none'",
    `script-src '${await hashOf(script)}'`,
    `style-src '${await hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ftl report: ${asText(data.title.slice(0, 200))}</title>
<style>${style}</style>
</head>
<body>
<noscript>This report needs JavaScript, which is part of this file.</noscript>
<main id="report"></main>
<script type="application/json" id="data">${asJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** A hash source of Content Security Policy Level 3, section 2.3.1. */
async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}

/** Text of an element. */
function asText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** JSON that cannot end the element it is in. */
function asJson(data: ReportData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}
