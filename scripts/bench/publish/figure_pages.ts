// What pages show of the published figures, as Markdown by name.
import type { Quantity, ResultCase, Results } from "./results.ts";
import { QUANTITY_NAMES, valueText } from "./value_text.ts";

/** The parts of docs/performance.md: each comparison, and where it was measured. */
export function pageParts(
  results: Results,
  describe: (figures: ResultCase) => string,
): Map<string, string> {
  return new Map([
    ["machine", machinePart(results)],
    ...results.cases.map((figures): [string, string] => [
      figures.id,
      casePart(figures, describe(figures)),
    ]),
  ]);
}

/** The figures of README.md. */
export function keyFigures(results: Results): Map<string, string> {
  const time = (id: string, program: string) => {
    const row = results.cases.find((each) => each.id === id)?.rows
      .find((each) => each.program === program);
    return valueText("wall_ms", row?.values.wall_ms);
  };
  const title = (id: string) =>
    results.cases.find((each) => each.id === id)?.title ?? id;
  const rows = [
    [title("first"), "ftl", "first", "Ansible", "Mitogen"],
    [title("calls"), "ftl", "calls", "Ansible", "Mitogen"],
    [
      `${title("far")}, connected`,
      "ftl run, session open",
      "far",
      "Ansible, connection open",
      "",
    ],
  ] as const;
  const lines = rows.map(([what, ftl, id, ansible, mitogen]) =>
    `| ${what} | ${time(id, ftl)} | ${time(id, ansible)} | ` +
    `${mitogen === "" ? "" : time(id, mitogen)} |`
  );
  return new Map([[
    "key",
    [
      "| Ansible's `ping` | ftl | Ansible | Mitogen |",
      "| --- | ---: | ---: | ---: |",
      ...lines,
      ...(isBusy(results) ? ["", "All times are of a busy machine."] : []),
      "",
    ].join("\n"),
  ]]);
}

/** Other programs were running. */
function isBusy({ load }: Results): boolean {
  return load >= 0.5;
}

function machinePart(results: Results): string {
  const { measured, machine, load, versions } = results;
  const busy = isBusy(results)
    ? ` The load of the machine was ${load.toFixed(1)} before: all times are ` +
      "longer than on an idle one, and CPU counts for more."
    : "";
  return `Measured on ${measured.slice(0, 10)} on ${machine}, with ` +
    `${versions.join(", ")}.${busy}\n`;
}

function casePart(
  { id, title, about, quantities, rows }: ResultCase,
  description: string,
): string {
  const cells = (row: ResultCase["rows"][number], quantity: Quantity) =>
    row.failure === undefined
      ? valueText(quantity, row.values[quantity])
      : "failed";
  return [
    about,
    "",
    `![${title}. ${description}](performance/${id}.svg)`,
    "",
    `| | ${
      quantities.map((each) => QUANTITY_NAMES[each]).join(" | ")
    } | command |`,
    `| --- | ${quantities.map(() => "---:").join(" | ")} | --- |`,
    ...rows.map((row) =>
      `| ${row.program} | ${
        quantities.map((each) => cells(row, each)).join(" | ")
      } | \`${row.command}\` |`
    ),
    "",
  ].join("\n");
}
