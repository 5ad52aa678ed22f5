// The script inside a report. It builds the page from the data block; texts are
// only ever set as text, never as markup. Rows of hosts exist while they are in
// view, so that ten thousand of them scroll smoothly.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("report");
  const ROW = 28;
  const STEP = 100;
  const NAMES = 1000;
  const PRINTED = 2000;
  const hosts = data.hosts.map(([name, result, endMs, durationMs, phases]) => ({
    name,
    result: data.results[result],
    status: result < 0 ? "cancelled" : data.results[result].status,
    endMs,
    durationMs,
    phases,
  }));
  const state = { text: "", status: null, order: "status", shown: STEP };

  function make(tag, attributes = {}, ...children) {
    const isSvg = ["svg", "rect", "text"].includes(tag);
    const element = isSvg
      ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  function time(ms) {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
    return `${Math.floor(ms / 60_000)} min ${Math.round(ms % 60_000 / 1000)} s`;
  }

  const plural = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const words = (status) => status.replace("_", " ");
  const rank = (host) => data.statuses.indexOf(host.status);

  function chosen() {
    const text = state.text.toLowerCase();
    return hosts.filter((host) =>
      (state.status === null || host.status === state.status) &&
      (text === "" || host.name.toLowerCase().includes(text) ||
        (host.result?.lines ?? []).some((line) =>
          line.toLowerCase().includes(text)
        ))
    );
  }

  const orders = {
    status: (a, b) => rank(b) - rank(a),
    slowest: (a, b) => b.durationMs - a.durationMs,
    name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
    end: (a, b) => a.endMs - b.endMs,
  };

  function header() {
    const started = new Date(data.started);
    return [
      make("h1", {}, data.title),
      make(
        "p",
        {},
        `${plural(data.summary.hosts, "host")} in ${time(data.durationMs)}, ` +
          `started ${started.toLocaleString()} (${data.started}), ftl ${data.ftl}`,
      ),
      ...data.warnings.map((text) =>
        make("p", { class: "card warning" }, text)
      ),
    ];
  }

  function controls() {
    const chips = data.statuses.filter((status) => data.summary[status] > 0)
      .map((status) =>
        make("button", {
          class: status,
          "aria-pressed": "false",
          "data-status": status,
          onclick: () => choose(state.status === status ? null : status),
        }, `${data.summary[status]} ${words(status)}`)
      );
    const search = make("input", {
      type: "search",
      placeholder: "Search hosts and results",
      "aria-label": "Search hosts and results",
      oninput: (event) => {
        state.text = event.target.value;
        refresh();
      },
    });
    const order = make(
      "select",
      {
        "aria-label": "Order of hosts",
        onchange: (event) => {
          state.order = event.target.value;
          refresh();
        },
      },
      make("option", { value: "status" }, "failures first"),
      make("option", { value: "slowest" }, "slowest first"),
      make("option", { value: "name" }, "by name"),
      make("option", { value: "end" }, "first finished first"),
    );
    return make("div", { class: "bar" }, ...chips, search, order);
  }

  function choose(status) {
    state.status = status;
    for (const chip of main.querySelectorAll("[data-status]")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.status === status));
    }
    refresh();
  }

  function list(title, entries) {
    if (entries.length === 0) return [];
    return [make(
      "div",
      {},
      make("h2", {}, title),
      make(
        "ol",
        {},
        ...entries.map((host) =>
          make(
            "li",
            {},
            make("span", { class: `name ${host.status}` }, host.name),
            ` ${time(host.durationMs)}`,
          )
        ),
      ),
    )];
  }

  function overview() {
    const failures = hosts.filter(({ status }) =>
      ["failed", "unreachable", "timed_out"].includes(status)
    );
    return make(
      "div",
      { class: "columns" },
      make("div", {}, make("h2", {}, "Durations"), histogram()),
      ...list("Slowest hosts", hosts.toSorted(orders.slowest).slice(0, 10)),
      ...list("Failed first", failures.toSorted(orders.end).slice(0, 10)),
    );
  }

  function histogram() {
    const BINS = 24;
    const longest = Math.max(1, ...hosts.map(({ durationMs }) => durationMs));
    const counts = Array(BINS).fill(0);
    for (const { durationMs } of hosts) {
      counts[Math.min(BINS - 1, Math.floor(durationMs / longest * BINS))]++;
    }
    const most = Math.max(1, ...counts);
    const picture = make("svg", {
      viewBox: "0 0 240 120",
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": "How many hosts took how long",
    });
    counts.forEach((count, i) => {
      const height = count / most * 100;
      picture.append(make("rect", {
        x: i * 10 + 1,
        y: 102 - height,
        width: 8,
        height,
      }));
    });
    return make(
      "div",
      {},
      picture,
      make("p", {}, `0 to ${time(longest)}; at most ${plural(most, "host")}`),
    );
  }

  function groupsOf(list) {
    const groups = new Map();
    for (const host of list) {
      if (host.result === undefined) continue;
      const names = groups.get(host.result) ?? [];
      names.push(host.name);
      groups.set(host.result, names);
    }
    return [...groups].sort(([a, x], [b, y]) =>
      data.statuses.indexOf(b.status) - data.statuses.indexOf(a.status) ||
      y.length - x.length
    );
  }

  function namesText(result, names) {
    if (listed.length === hosts.length && names.length > 1) return result.hosts;
    const rest = names.length - NAMES;
    return names.slice(0, NAMES).join(" ") +
      (rest > 0 ? ` and ${rest} more` : "");
  }

  function card([result, names]) {
    return make(
      "div",
      { class: "card" },
      make("strong", { class: result.status }, result.label),
      ` ${plural(names.length, "host")} `,
      make(
        "span",
        { class: "name" },
        namesText(result, names),
      ),
      ...(result.lines.length > 0
        ? [make("pre", {}, result.lines.join("\n"))]
        : []),
    );
  }

  const results = make("div");
  const rows = make("div", { class: "rows", tabindex: "0" });
  const count = make("p");
  const detail = make("div", { "aria-live": "polite" });
  let listed = [];
  let selected = null;

  function timeline(host) {
    const picture = make("svg", {
      viewBox: "0 0 1000 10",
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": data.phases.map((phase, i) =>
        `${phase} ${time(host.phases[i] ?? 0)}`
      ).join(", "),
    });
    const scale = 1000 / Math.max(1, data.durationMs);
    let x = (host.endMs - host.durationMs) * scale;
    host.phases.forEach((ms, i) => {
      const width = ms * scale;
      picture.append(make("rect", {
        class: `phase${i % 9}`,
        x,
        y: 1,
        width: Math.max(width, ms > 0 ? 1 : 0),
        height: 8,
      }));
      x += width;
    });
    return picture;
  }

  function row(host, i, isFixed) {
    const element = make(
      "div",
      {
        class: "row",
        role: "button",
        "aria-selected": String(host === selected),
        onclick: () => select(host),
      },
      make("span", { class: "name" }, host.name),
      make("span", { class: host.status }, words(host.status)),
      make("span", { class: "time" }, time(host.durationMs)),
      make("span", { class: "line" }, timeline(host)),
    );
    if (!isFixed) element.style.top = `${i * ROW}px`;
    return element;
  }

  function select(host) {
    selected = host;
    detail.replaceChildren(
      ...(host.result === undefined ? [] : [card([host.result, [host.name]])]),
    );
    draw();
  }

  function draw() {
    const first = Math.max(0, Math.floor(rows.scrollTop / ROW) - 5);
    const last = first + Math.ceil(rows.clientHeight / ROW) + 10;
    const filler = make("div");
    filler.style.height = `${listed.length * ROW}px`;
    rows.replaceChildren(
      filler,
      ...listed.slice(first, last).map((host, i) => row(host, first + i)),
    );
  }

  function refresh() {
    listed = chosen().sort(orders[state.order]);
    count.textContent = listed.length === hosts.length
      ? ""
      : `${listed.length} of ${plural(hosts.length, "host")}`;
    state.shown = STEP;
    showGroups();
    draw();
  }

  function showGroups() {
    const groups = groupsOf(listed);
    const more = groups.length - state.shown;
    results.replaceChildren(
      ...groups.slice(0, state.shown).map(card),
      ...(more > 0
        ? [make("button", {
          class: "more",
          onclick: () => {
            state.shown += STEP;
            showGroups();
          },
        }, `Show ${Math.min(STEP, more)} more of ${groups.length} results`)]
        : []),
    );
  }

  rows.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  addEventListener("beforeprint", () => {
    rows.classList.add("all");
    rows.replaceChildren(
      ...listed.slice(0, PRINTED).map((host, i) => row(host, i, true)),
    );
  });
  addEventListener("afterprint", () => {
    rows.classList.remove("all");
    draw();
  });

  main.append(
    ...header(),
    controls(),
    count,
    overview(),
    make("h2", {}, "Hosts"),
    make(
      "p",
      { class: "key" },
      ...data.phases.flatMap((phase, i) => [
        make("span", { class: `key${i % 9}` }, phase),
        " ",
      ]),
    ),
    rows,
    detail,
    make("h2", {}, "Results"),
    results,
  );
  refresh();
})();
