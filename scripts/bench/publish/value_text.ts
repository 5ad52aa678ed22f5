// How measured values are written, in charts and tables.
import type { Quantity } from "./results.ts";

/** What each quantity is called. */
export const QUANTITY_NAMES: Readonly<Record<Quantity, string>> = {
  wall_ms: "Time",
  cpu_ms: "CPU here",
  host_cpu_ms: "CPU of the hosts",
  memory_bytes: "Memory here",
  wire_bytes: "Sent and received",
};

/** `87 ms`, `1.24 s`, `12.4 s`; `740 bytes`, `3.4 KiB`, `86 MiB`. */
export function valueText(
  quantity: Quantity,
  value: number | null | undefined,
): string {
  if (value === null || value === undefined) return "–";
  return quantity.endsWith("_ms") ? timeText(value) : sizeText(value);
}

function timeText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${digits(ms / 1000)} s`;
}

function sizeText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : digits(value)} ${units[unit]}`;
}

/** Three digits, as far as they are needed. */
function digits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
