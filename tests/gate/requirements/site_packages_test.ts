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

/** The packages of each folder, as `site: idna 3.4`. */
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

Deno.test("packages that are the same for every Python are in one folder", async () => {
  const { packages, folders } = await collect("idna\nzipp\n");
  assertEquals(packages, ["site: idna 4.0", "site: zipp 3.6.0"]);
  assertEquals(folders, {});
});

Deno.test("a constraint limits a version and adds no package", async () => {
  await using bench = await makeBench(WHEELS);
  await bench.write("bounds.txt", "idna<4\nzipp\n");
  const { packages } = await collectFrom(bench, "-c bounds.txt\nidna\n");
  assertEquals(packages, ["site: idna 3.4"]);
});

Deno.test("a pre-release is used when it is asked for", async () => {
  assertEquals((await collect("idna<4\n")).packages, ["site: idna 3.4"]);
  for (
    const text of ["idna>=3.5rc1,<4\n", "--pre\nidna<4\n", "idna==3.5rc1\n"]
  ) {
    assertEquals((await collect(text)).packages, ["site: idna 3.5rc1"], text);
  }
});

Deno.test("an older version is used where the newest does not fit the others", async () => {
  const { packages } = await collect("app\nidna\n", [
    { name: "app-2", requires: ["idna>=5"] },
    { name: "app-1", requires: ["idna<4"] },
    { name: "idna-3.4" },
    { name: "idna-4.0" },
  ]);
  assertEquals(packages, ["site: app 1", "site: idna 3.4"]);
});

Deno.test("packages may require each other", async () => {
  const { packages } = await collect("a\n", [
    { name: "a-1", requires: ["b[x]"] },
    { name: "b-1", requires: ["a", 'c; extra == "x"'] },
    { name: "c-1" },
  ]);
  assertEquals(packages, ["site: a 1", "site: b 1", "site: c 1"]);
});

Deno.test("a warning names the versions of Python that get no packages, and why", async () => {
  const { warnings } = await collect("requests>=2.28\n");
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "Hosts with Python 3.6 get no packages");
  assertStringIncludes(warnings[0]!, "requests 2.31.0 needs Python >=3.7");
});

Deno.test("a warning names a file that differs between two packages and is left out of one", async () => {
  const { warnings } = await collect("a\nb\n", [
    { name: "a-1", files: { "tests/__init__.py": "", "tests/x.py": "a" } },
    { name: "b-1", files: { "tests/__init__.py": "", "tests/x.py": "b" } },
  ]);
  assertEquals(warnings, [
    "Left out files of b 1 that another package has too: tests/x.py",
  ]);
});

Deno.test("a hash chooses the wheel", async () => {
  await using bench = await makeBench([{ name: "a-1" }, { name: "a-2" }]);
  const one = await bench.reader.read(
    `${bench.wheelhouse}/a-1-py3-none-any.whl`,
  );
  const text = `a --hash=sha256:${one.sha256}\n`;
  assertEquals((await collectFrom(bench, text)).packages, ["site: a 1"]);
  await assertRejects(
    () => collectFrom(bench, `a --hash=sha256:${"0".repeat(64)}\n`),
    BuildError,
    "Cannot find a wheel of a",
  );
});

Deno.test("the error for a missing wheel names what requires it, and the file to download", async (t) => {
  const cases: [requirements: string, message: string, hint: string][] = [
    [
      "flask\n",
      "Cannot find a wheel of flask in WHEELS (required: flask by FILE, line 1)",
      "--dest WHEELS 'flask'",
    ],
    [
      "requests\nurllib3>3\n",
      "Cannot find a wheel of urllib3 in WHEELS (required: urllib3>3 by FILE, line 2, " +
      "urllib3<3,>=1.21.1 by requests 2.31.0)",
      "'urllib3>3'",
    ],
    ["app\n", "(required: missing>=2 by app 1)", "'missing>=2'"],
    [
      "yaml\n",
      "yaml-6-cp311-cp311-manylinux_2_17_x86_64.whl has compiled code",
      "Install this package on the hosts",
    ],
    ["old\n", "old-1.tar.gz is not a wheel, and ftl builds none", "'old'"],
    [
      "two\n",
      "two-1-py2-none-any.whl does not run on Python 3.14",
      "'two'",
    ],
    ["zipp>9\n", "zipp-3.6.0-py3-none-any.whl does not fit", "'zipp>9'"],
    ["lying\n", "it has compiled code: x.so", ""],
    ["a\nb\n", "(required: c==1 by a 1, c!=1 by b 1)", "'c==1'"],
    ["c==1\nb\n", "Cannot use c 1: b 1 requires c!=1", ""],
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

Deno.test("the search ends for wheels that never fit together", async () => {
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
