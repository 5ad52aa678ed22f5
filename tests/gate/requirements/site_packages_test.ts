import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BuildError } from "../../../src/errors.ts";
import { collectSite } from "../../../src/gate/requirements/site_packages.ts";
import { interpreters } from "../../support/interpreters.ts";
import { need } from "../../support/need.ts";
import { type Bench, makeBench, type WheelSpec } from "./wheels.ts";

const WHEELS: readonly WheelSpec[] = [
  {
    name: "requests-2.31.0",
    python: ">=3.7",
    requires: [
      "urllib3<3,>=1.21.1",
      "idna<4,>=2.5",
      'PySocks!=1.5.7,>=1.5.6; extra == "socks"',
      'importlib-metadata; python_version < "3.8"',
    ],
  },
  {
    name: "requests-2.27.1",
    python: ">=3.6",
    requires: ["urllib3<1.27,>=1.21.1", "idna<4,>=2.5"],
  },
  { name: "urllib3-2.0.7", python: ">=3.7" },
  { name: "urllib3-1.26.18" },
  { name: "idna-3.4" },
  { name: "idna-4.0" },
  { name: "idna-3.5rc1" },
  { name: "PySocks-1.7.1" },
  { name: "importlib_metadata-4.8.3", requires: ["zipp>=0.5"] },
  { name: "zipp-3.6.0" },
];

async function collect(
  requirements: string,
  wheels: readonly WheelSpec[] = WHEELS,
) {
  await using bench = await makeBench(wheels);
  return await collectFrom(bench, requirements);
}

async function collectFrom(bench: Bench, requirements: string) {
  const path = await bench.write("requirements.txt", requirements);
  const site = await collectSite(bench.reader, {
    requirements: [path],
    wheelhouses: [bench.wheelhouse],
  });
  return { ...site, packages: packagesIn(site.files.keys()) };
}

/** `site/idna 3.4`: what is in which folder. */
function packagesIn(paths: Iterable<string>): string[] {
  return [...paths].map((path) =>
    /^(site|site-extra)\/(?:[^/]+\/)?([^/]+)-([^/]+)\.dist-info\/METADATA$/
      .exec(path)
  ).filter((match) => match !== null)
    .map(([, folder, name, version]) => `${folder}: ${name} ${version}`).sort();
}

Deno.test("packages are resolved with what they require, for each Python by itself", async () => {
  const { packages, folders, warnings } = await collect("requests[socks]\n");
  assertEquals(packages, [
    "site-extra: PySocks 1.7.1",
    "site-extra: importlib_metadata 4.8.3",
    "site-extra: requests 2.27.1",
    "site-extra: requests 2.31.0",
    "site-extra: urllib3 1.26.18",
    "site-extra: urllib3 2.0.7",
    "site-extra: zipp 3.6.0",
    "site: idna 3.4",
  ]);
  assertEquals(folders["3.6"], [
    "site-extra/requests-2.27.1",
    "site-extra/urllib3-1.26.18",
  ]);
  assertEquals(folders["3.7"], [
    "site-extra/importlib-metadata-4.8.3",
    "site-extra/pysocks-1.7.1",
    "site-extra/requests-2.31.0",
    "site-extra/urllib3-2.0.7",
    "site-extra/zipp-3.6.0",
  ]);
  assertEquals(folders["3.12"], folders["3.8"]);
  assertEquals(warnings, []);
});

Deno.test("packages that every Python gets alike stand in one folder", async () => {
  const { packages, folders } = await collect("idna\nzipp\n");
  assertEquals(packages, ["site: idna 4.0", "site: zipp 3.6.0"]);
  assertEquals(folders, {});
});

Deno.test("a constraint bounds a version and adds nothing", async () => {
  await using bench = await makeBench(WHEELS);
  await bench.write("bounds.txt", "idna<4\nzipp\n");
  const { packages } = await collectFrom(bench, "-c bounds.txt\nidna\n");
  assertEquals(packages, ["site: idna 3.4"]);
});

Deno.test("a version before a release counts when it is asked for", async () => {
  assertEquals((await collect("idna<4\n")).packages, ["site: idna 3.4"]);
  for (
    const text of ["idna>=3.5rc1,<4\n", "--pre\nidna<4\n", "idna==3.5rc1\n"]
  ) {
    assertEquals((await collect(text)).packages, ["site: idna 3.5rc1"], text);
  }
});

Deno.test("an older version is taken where the newest does not go with the rest", async () => {
  const { packages } = await collect("app\nidna\n", [
    { name: "app-2", requires: ["idna>=5"] },
    { name: "app-1", requires: ["idna<4"] },
    { name: "idna-3.4" },
    { name: "idna-4.0" },
  ]);
  assertEquals(packages, ["site: app 1", "site: idna 3.4"]);
});

Deno.test("packages that require each other are no trouble", async () => {
  const { packages } = await collect("a\n", [
    { name: "a-1", requires: ["b[x]"] },
    { name: "b-1", requires: ["a", 'c; extra == "x"'] },
    { name: "c-1" },
  ]);
  assertEquals(packages, ["site: a 1", "site: b 1", "site: c 1"]);
});

Deno.test("hosts whose Python gets nothing are named, with the reason", async () => {
  const { warnings } = await collect("requests>=2.28\n");
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "Hosts with Python 3.6 get no packages");
  assertStringIncludes(warnings[0]!, "requests 2.31.0 needs Python >=3.7");
});

Deno.test("a file that two packages bring differently is left out of one, and named", async () => {
  const { warnings } = await collect("a\nb\n", [
    { name: "a-1", files: { "tests/__init__.py": "", "tests/x.py": "a" } },
    { name: "b-1", files: { "tests/__init__.py": "", "tests/x.py": "b" } },
  ]);
  assertEquals(warnings, [
    "Of b 1 was left out what another package has under the same name: tests/x.py",
  ]);
});

Deno.test("a wheel is taken by its hash", async () => {
  await using bench = await makeBench([{ name: "a-1" }, { name: "a-2" }]);
  const one = await bench.reader.read(
    `${bench.wheelhouse}/a-1-py3-none-any.whl`,
  );
  const text = `a --hash=sha256:${one.sha256}\n`;
  assertEquals((await collectFrom(bench, text)).packages, ["site: a 1"]);
  await assertRejects(
    () => collectFrom(bench, `a --hash=sha256:${"0".repeat(64)}\n`),
    BuildError,
    "No wheel of a",
  );
});

Deno.test("what is missing is named: who wants it, and which file to bring", async (t) => {
  const cases: [requirements: string, message: string, hint: string][] = [
    [
      "flask\n",
      "No wheel of flask in WHEELS (wanted: flask for FILE, line 1)",
      "--dest WHEELS 'flask'",
    ],
    [
      "requests\nurllib3>3\n",
      "No wheel of urllib3 in WHEELS (wanted: urllib3>3 for FILE, line 2, " +
      "urllib3<3,>=1.21.1 for requests 2.31.0)",
      "'urllib3>3'",
    ],
    ["app\n", "(wanted: missing>=2 for app 1)", "'missing>=2'"],
    [
      "yaml\n",
      "yaml-6-cp311-cp311-manylinux_2_17_x86_64.whl has compiled code",
      "hosts' own packages",
    ],
    ["old\n", "old-1.tar.gz is no wheel, and would have to be built", "'old'"],
    [
      "two\n",
      "two-1-py2-none-any.whl is for another Python than 3.14",
      "'two'",
    ],
    ["zipp>9\n", "zipp-3.6.0-py3-none-any.whl will not do", "'zipp>9'"],
    ["lying\n", "it has compiled code: x.so", ""],
    ["a\nb\n", "(wanted: c==1 for a 1, c!=1 for b 1)", "'c==1'"],
    ["c==1\nb\n", "Cannot have c 1 and b 1: that needs c!=1", ""],
  ];
  await using bench = await makeBench([
    ...WHEELS,
    { name: "app-1", requires: ["missing>=2"] },
    { name: "yaml-6", tag: "cp311-cp311-manylinux_2_17_x86_64" },
    { name: "two-1", tag: "py2-none-any" },
    { name: "lying-1", files: { "x.so": "ELF" } },
    { name: "a-1", requires: ["c==1"] },
    { name: "b-1", requires: ["zipp", "c!=1"] },
    { name: "c-1" },
    { name: "c-2" },
  ]);
  await bench.write("wheels/old-1.tar.gz", "");
  for (const [requirements, message, hint] of cases) {
    await t.step(requirements.replaceAll("\n", " "), async () => {
      const error = await assertRejects(
        () => collectFrom(bench, requirements),
        BuildError,
      );
      const plain = (text = "") =>
        text.replaceAll(`${bench.folder}/requirements.txt`, "FILE")
          .replaceAll(bench.wheelhouse, "WHEELS");
      assertStringIncludes(plain(error.message), message);
      assertStringIncludes(plain(error.hint), hint);
    });
  }
});

Deno.test("wheels that never go together end the search", async () => {
  const wheels = Array.from(
    { length: 12 },
    (_, i) =>
      ["1", "2", "3"].map((version) => ({
        name: `p${i}-${version}`,
        requires: [`never==${i}`],
      })),
  ).flat();
  await assertRejects(
    () =>
      collect(wheels.map(({ name }) => name.split("-")[0]).join("\n"), [
        ...wheels,
        { name: "never-0" },
      ]),
    BuildError,
    "never",
  );
});

const modern = interpreters().find(({ version }) => version === "3.11");
const pip = need("pip for Python 3.11", modern && pipOf(modern.path));

function pipOf(python: string): string | undefined {
  const { success, stdout } = new Deno.Command(python, {
    args: ["-m", "pip", "--version"],
    stderr: "null",
  }).outputSync();
  const major = /^pip (\d+)\./.exec(new TextDecoder().decode(stdout))?.[1];
  return success && Number(major) >= 23 ? python : undefined;
}

Deno.test({
  name: `pip chooses the same wheels${pip.suffix}`,
  ignore: pip.ignore,
  fn: async () => {
    await using bench = await makeBench([
      ...WHEELS,
      { name: "app-2", requires: ["idna>=5"] },
      { name: "app-1", requires: ["idna<4"] },
    ]);
    const requirements = "requests[socks]\napp\n";
    const { packages, folders } = await collectFrom(bench, requirements);
    const { success, stdout, stderr } = await new Deno.Command(pip.path, {
      args: [
        ...["-m", "pip", "install", "--dry-run", "--quiet", "--no-index"],
        ...["--ignore-installed", "--disable-pip-version-check"],
        ...["--find-links", bench.wheelhouse, "--report", "-"],
        ...["-r", `${bench.folder}/requirements.txt`],
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const report = JSON.parse(new TextDecoder().decode(stdout));
    const theirs = report.install.map((each: Installed) =>
      `${each.metadata.name} ${each.metadata.version}`.toLowerCase()
    ).sort();
    const shared = packages.filter((name) => name.startsWith("site:"))
      .map((name) => name.replace("site: ", ""));
    const own = folders["3.11"]!.map((folder) =>
      folder.replace(/^site-extra\/(.+)-(.+?)$/, "$1 $2")
    );
    assertEquals([...shared, ...own].sort(), theirs);
  },
});

interface Installed {
  readonly metadata: { readonly name: string; readonly version: string };
}
