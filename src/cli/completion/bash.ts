// The completion for bash 3.2 and later. Words are split here and not by bash,
// which breaks them at `=` and `:`.
import { type CommandNode, takersOf, type Value } from "./command_tree.ts";

/** The script to be sourced. */
export function bashScript(tree: readonly CommandNode[]): string {
  return `# Completion of ftl for bash. Made by: ftl completions bash
_ftl() {
  local line=\${COMP_LINE:0:COMP_POINT} commands='${commandsOf(tree)}'
  local cur path= kind= takes= word i
  local -a words operands
  IFS=$' \\t\\n' read -r -a words <<<"$line"
  [[ $line == *[[:blank:]] ]] && words+=('')
  cur=\${words[\${#words[@]} - 1]}
  operands=()
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    if [[ $takes ]]; then
      takes=
    elif [[ $word == -- ]]; then
      return
    elif [[ $word == -* ]]; then
      case "$path:$word" in
${arm(takersOf(tree), "takes=$word", 8)}
      esac
    elif [[ $commands == *" $path/$word "* ]]; then
      path=$path/$word
    else
      operands+=("$word")
    fi
  done
  if [[ ! $takes && $cur == --*=* ]]; then
    takes=\${cur%%=*}
    cur=\${cur#*=}
  fi
  COMPREPLY=()
  if [[ $takes ]]; then
    case "$path:$takes" in
${valuesOf(tree)}
    esac
  elif [[ $cur == -* ]]; then
    case $path in
${optionsOf(tree)}
    esac
  else
    case "$path:\${#operands[@]}" in
${operandsOf(tree)}
    esac
  fi
  case $kind in
    patterns | hosts | modules | arguments)
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
        "\${words[0]}" complete "$kind" "$cur" "\${words[@]:1}" -- \\
          \${operands[@]+"\${operands[@]}"} 2>/dev/null
      )
      ;;
    file | folder)
      compopt -o filenames +o nospace 2>/dev/null
      [[ $kind == file ]] && word=-f || word=-d
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
        compgen $word -- "$cur"
      )
      ;;
    =*)
      while IFS= read -r word; do COMPREPLY+=("$word "); done < <(
        compgen -W "\${kind#=}" -- "$cur"
      )
      ;;
  esac
  # What bash takes for words of their own must not be given again.
  if [[ $cur == *[:=]* && $COMP_WORDBREAKS == *[:=]* ]]; then
    word=\${cur%"\${cur##*[:=]}"}
    for i in "\${!COMPREPLY[@]}"; do
      COMPREPLY[i]=\${COMPREPLY[i]#"$word"}
    done
  fi
}
complete -o nospace -F _ftl ftl
`;
}

function commandsOf(tree: readonly CommandNode[]): string {
  return ` ${tree.slice(1).map(({ path }) => path).join(" ")} `;
}

function valuesOf(tree: readonly CommandNode[]): string {
  const kinds = new Map<string, string[]>();
  for (const { path, options } of tree) {
    for (const { names, value } of options) {
      if (value === undefined || value === "nothing") continue;
      const kind = kindOf(value);
      const patterns = names.map((name) => `${path}:${name}`);
      kinds.set(kind, [...kinds.get(kind) ?? [], ...patterns]);
    }
  }
  return [...kinds].map(([kind, patterns]) =>
    arm(patterns, `kind='${kind}'`, 6)
  ).join("\n");
}

function optionsOf(tree: readonly CommandNode[]): string {
  return tree.map(({ path, options }) => {
    const names = options.flatMap(({ names }) => names).join(" ");
    return arm([path || "''"], `kind='=${names}'`, 6);
  }).join("\n");
}

function operandsOf(tree: readonly CommandNode[]): string {
  return tree.flatMap(({ path, commands, operands: [first, others] }) => {
    if (commands.length > 0) {
      return [arm([`${path}:0`], `kind='=${commands.join(" ")}'`, 6)];
    }
    return [
      ...first === "nothing"
        ? []
        : [arm([`${path}:0`], `kind='${kindOf(first)}'`, 6)],
      ...others === "nothing"
        ? []
        : [arm([`${path}:*`], `kind='${kindOf(others)}'`, 6)],
    ];
  }).join("\n");
}

/** A kind by its name, and words behind a `=`. */
function kindOf(value: Value): string {
  return typeof value === "string" ? value : `=${value.join(" ")}`;
}

function arm(patterns: readonly string[], body: string, indent: number) {
  return `${" ".repeat(indent)}${patterns.join(" | ")}) ${body} ;;`;
}
