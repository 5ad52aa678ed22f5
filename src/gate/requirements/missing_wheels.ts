// What is said when wheels do not fulfil requirements: which file to bring.
import { BuildError } from "../../errors.ts";
import { formatRequirement, type Requirement } from "./requirement.ts";
import type { Stated } from "./requirements_file.ts";
import { isFor, type Wheel, type WheelFile } from "./wheel.ts";

const COMPILED_HINT =
  "Compiled code fits one kind of host: install that with the hosts' own packages";

/** No wheel will do for what is wanted of one package. */
export function nothingFits(
  wanted: readonly Stated[],
  { wheels, other, paths, python }: {
    wheels: readonly WheelFile[];
    /** A file of the package that is no wheel. */
    other: string | undefined;
    paths: readonly string[];
    python: string;
  },
): BuildError {
  const [first] = wanted as readonly [Stated, ...Stated[]];
  const what = wanted.map((each) => `${formatRequirement(each)} for ${each.by}`)
    .join(", ");
  const where = paths.length === 0 ? "no --wheelhouse" : paths.join(", ");
  const bring = `Bring it: python3 -m pip download --only-binary :all: ` +
    `--dest ${paths[0] ?? "DIR"} '${formatRequirement(first)}'`;
  const state = stateOf(wheels, { other, python });
  return new BuildError(
    `No wheel of ${first.name} in ${where} (wanted: ${what})${state.text}`,
    { hint: state.compiled ? COMPILED_HINT : bring },
  );
}

function stateOf(
  wheels: readonly WheelFile[],
  { other, python }: { other: string | undefined; python: string },
): { text: string; compiled: boolean } {
  const names = (files: readonly WheelFile[]) =>
    files.map(({ path }) => path.split("/").at(-1)).join(", ");
  const pure = wheels.filter(({ isPure }) => isPure);
  if (pure.length > 0) {
    const fit = pure.some((file) => isFor(file, python));
    const what = fit ? "will not do" : `is for another Python than ${python}`;
    return { text: `: ${names(pure)} ${what}`, compiled: false };
  }
  if (wheels.length > 0) {
    return { text: `: ${names(wheels)} has compiled code`, compiled: true };
  }
  const text = other && `: ${other} is no wheel, and would have to be built`;
  return { text: text ?? "", compiled: false };
}

/** A wheel that others need is not what this one needs. */
export function doNotAgree(wanted: Stated, wheel: Wheel): BuildError {
  return new BuildError(
    `Cannot have ${wheel.name} ${wheel.version} and ${wanted.by}: that needs ` +
      formatRequirement(wanted),
  );
}

/** A wheel does not run on a Python. */
export function wrongPython(
  wanted: Requirement & { by: string },
  { name, version, requiresPython }: Wheel,
  python: string,
): BuildError {
  return new BuildError(
    `No ${formatRequirement(wanted)} for Python ${python} (wanted: for ` +
      `${wanted.by}): ${name} ${version} needs Python ${requiresPython}`,
    { hint: `Bring an older one as well` },
  );
}
