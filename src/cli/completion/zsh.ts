// The completion for zsh. A candidate from ftl that ends with a space is a
// complete word.
import {
  type CommandNode,
  type CompletionValue,
  optionsWithValue,
} from "./command_tree.ts";

/** The script, for a folder in fpath or to be sourced. */
export function zshScript(tree: readonly CommandNode[]): string {
  return `#compdef ftl
# Completion of ftl for zsh. Made by: ftl completions zsh
_ftl() {
  local cur=\${(Q)words[CURRENT]} where= kind= takes= word i
  local -a operands answers whole begun described
  local commands='${` ${tree.slice(1).map(({ path }) => path).join(" ")} `}'
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $takes ]]; then
      takes=
    elif [[ $word == -- ]]; then
      return
    elif [[ $word == -* ]]; then
      case "$where:$word" in
${arm(optionsWithValue(tree), "takes=$word", 8)}
      esac
    elif [[ $commands == *" $where/$word "* ]]; then
      where=$where/$word
    else
      operands+=("$word")
    fi
  done
  if [[ -z $takes && $cur == --*=* ]]; then
    takes=\${cur%%=*}
    cur=\${cur#*=}
    compset -P '*='
  fi
  if [[ -n $takes ]]; then
    case "$where:$takes" in
${valuesOf(tree)}
    esac
  elif [[ $cur == -* ]]; then
    case $where in
${optionsOf(tree)}
    esac
  else
    case "$where:$#operands" in
${operandsOf(tree)}
    esac
  fi
  case $kind in
    patterns | hosts | modules | arguments | jobs | sessions)
      answers=("\${(@f)$(_call_program ftl \${words[1]} complete $kind \\
        \${(q)cur} \${(q)\${(Q)words[2,CURRENT]}} -- \${(q)operands})}")
      whole=(\${\${(M)answers:#* }% })
      begun=(\${answers:#* })
      (($#whole)) && compadd -- $whole
      (($#begun)) && compadd -S '' -- $begun
      ;;
    file) _files ;;
    folder) _files -/ ;;
    described) _describe -t ftl ftl described ;;
  esac
}
if [[ $funcstack[1] == _ftl ]]; then
  _ftl "$@"
else
  compdef _ftl ftl
fi
`;
}

function valuesOf(tree: readonly CommandNode[]): string {
  return tree.flatMap(({ path, options }) =>
    options.flatMap(({ names, value }) => {
      if (value === undefined || value === "nothing") return [];
      const patterns = names.map((name) => `${path}:${name}`);
      return [arm(patterns, answer(value), 6)];
    })
  ).join("\n");
}

function optionsOf(tree: readonly CommandNode[]): string {
  return tree.map(({ path, options }) =>
    arm(
      [path || "''"],
      describe(
        options.flatMap(({ names, help }) =>
          names.map((name): [string, string] => [name, help])
        ),
      ),
      6,
    )
  ).join("\n");
}

function operandsOf(tree: readonly CommandNode[]): string {
  return tree.flatMap(({ path, commands, operands: [first, others] }) => {
    if (commands.length > 0) {
      const helpOf = (name: string) =>
        tree.find((node) => node.path === `${path}/${name}`)!.help;
      const words = commands.map((name): [string, string] => [
        name,
        helpOf(name),
      ]);
      return [arm([`${path}:0`], describe(words), 6)];
    }
    return [
      ...first === "nothing" ? [] : [arm([`${path}:0`], answer(first), 6)],
      ...others === "nothing" ? [] : [arm([`${path}:*`], answer(others), 6)],
    ];
  }).join("\n");
}

function answer(value: CompletionValue): string {
  return typeof value === "string"
    ? `kind=${value}`
    : describe(value.map((each) => [each, ""]));
}

/** Words with descriptions, in the format of `_describe`. */
function describe(words: readonly (readonly [string, string])[]): string {
  const items = words.map(([word, help]) => {
    const text = help === ""
      ? word.replaceAll(":", "\\:")
      : `${word.replaceAll(":", "\\:")}:${help}`;
    return `'${text.replaceAll("'", `'\\''`)}'`;
  });
  return `kind=described described=(${items.join(" ")})`;
}

function arm(patterns: readonly string[], body: string, indent: number) {
  return `${" ".repeat(indent)}(${patterns.join("|")}) ${body} ;;`;
}
