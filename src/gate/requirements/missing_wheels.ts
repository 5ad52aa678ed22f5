// The errors for wheels that do not satisfy requirements. They name the file to
// download.
import { BuildError } from "../../errors.ts";
import { formatRequirement, type Requirement } from "./requirement.ts";
import type { StatedRequirement } from "./requirements_file.ts";
import { isFor, type Wheel, type WheelFile } from "./wheel.ts";

const COMPILED_HINT =
  "Install this package on the hosts: compiled code fits one kind of host only";

/** No wheel satisfies the requirements for one package. */
export function noWheelFits(
  wanted: readonly StatedRequirement[],
  { wheels, other, paths, python }: {
    wheels: readonly WheelFile[];
    /** A file of the package that is not a wheel. */
    other: string | undefined;
    paths: readonly string[];
    python: string;
  },
): BuildError {
  const [first] = wanted as readonly [
    StatedRequirement,
    ...StatedRequirement[],
  ];
  const required = wanted.map((each) =>
    `${formatRequirement(each)} by ${each.by}`
  )
    .join(", ");
  const where = paths.length === 0
    ? "any folder, because `wheelhouses` is empty"
    : paths.join(", ");
  const download = `Download it: python3 -m pip download --only-binary :all: ` +
    `--dest ${paths[0] ?? "DIR"} '${formatRequirement(first)}'`;
  const state = stateOf(wheels, { other, python });
  return new BuildError(
    `Cannot find a wheel of ${first.name} in ${where} (required: ${required})${state.text}`,
    { hint: state.compiled ? COMPILED_HINT : download },
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
    const what = fit ? "not fit" : `not run on Python ${python}`;
    return {
      text: `: ${names(pure)} ${pure.length === 1 ? "does" : "do"} ${what}`,
      compiled: false,
    };
  }
  if (wheels.length > 0) {
    return {
      text: `: ${names(wheels)} ${
        wheels.length === 1 ? "has" : "have"
      } compiled code`,
      compiled: true,
    };
  }
  const text = other && `: ${other} is not a wheel, and ftl builds none`;
  return { text: text ?? "", compiled: false };
}

/** A wheel that was already chosen does not satisfy another requirement. */
export function wheelConflict(
  wanted: StatedRequirement,
  wheel: Wheel,
): BuildError {
  return new BuildError(
    `Cannot use ${wheel.name} ${wheel.version}: ${wanted.by} requires ` +
      formatRequirement(wanted),
  );
}

/** A wheel does not run on this Python. */
export function wrongPython(
  wanted: Requirement & { by: string },
  { name, version, requiresPython }: Wheel,
  python: string,
): BuildError {
  return new BuildError(
    `Cannot find ${formatRequirement(wanted)} for Python ${python} (required ` +
      `by ${wanted.by}): ${name} ${version} needs Python ${requiresPython}`,
    { hint: "Add a wheel of an older version" },
  );
}
