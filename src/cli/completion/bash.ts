// The completion for bash 3.2 and later. bash inserts candidates unchanged, so the
// script quotes every word. It also splits the line itself: bash breaks words at
// `=` and `:`, and keeps quotes.
import {
  type CommandNode,
  type CompletionValue,
  optionsWithValue,
} from "./command_tree.ts";

/** The script, to be sourced. */
export function bashScript(tree: readonly CommandNode[]): string {
  return `# Completion of ftl for bash. Made by: ftl completions bash
_ftl() {
  local line=\${COMP_LINE:0:COMP_POINT} commands='${commandsOf(tree)}'
  local cur path= kind= takes= word= last rest end char quote= closed= inside= i
  local quotes=\\"\\' escaped=\\"\\\\\\$\\\`
  # Where the text that bash will replace starts: in the line, in the last word.
  local from=0 bare=0
  local -a words operands
  words=() operands=()
  for ((i = 0; i < \${#line}; i++)); do
    char=\${line:i:1}
    if [[ $char == "$quote" ]]; then
      quote= closed=1
      continue
    elif [[ ! $quote && $quotes == *"$char"* ]]; then
      quote=$char from=$((i + 1)) bare=\${#word} inside=1
      continue
    elif [[ ! $quote && $char == [[:blank:]] ]]; then
      [[ $inside ]] && words+=("$word")
      word= closed= inside= from=$((i + 1)) bare=0
      continue
    elif [[ $char == \\\\ && $quote != \\' ]]; then
      [[ ! $quote || $escaped == *"\${line:i+1:1}"* ]] && ((i += 1))
      char=\${line:i:1}
    elif [[ ! $quote && $char == [:=] && $COMP_WORDBREAKS == *$char* ]]; then
      from=$((i + 1)) bare=$((\${#word} + 1))
    fi
    word+=$char inside=1
  done
  [[ $closed ]] && return
  words+=("$word")
  cur=$word last=$word
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    if [[ $takes ]]; then
      takes=
    elif [[ $word == -- ]]; then
      return
    elif [[ $word == -* ]]; then
      case "$path:$word" in
${arm(optionsWithValue(tree), "takes=$word", 8)}
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
  local -a answers
  answers=()
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
    patterns | hosts | modules | arguments | jobs | sessions)
      while IFS= read -r word; do answers+=("$word"); done < <(
        "\${words[0]}" complete "$kind" "$cur" "\${words[@]:1}" -- \\
          \${operands[@]+"\${operands[@]}"} 2>/dev/null
      )
      ;;
    file | folder)
      compopt -o filenames +o nospace 2>/dev/null
      [[ $kind == file ]] && word=-f || word=-d
      while IFS= read -r word; do # bash quotes these
        COMPREPLY+=("\${last:bare}\${word:\${#cur}}")
      done < <(compgen $word -- "$cur")
      ;;
    =*)
      while IFS= read -r word; do answers+=("$word "); done < <(
        compgen -W "\${kind#=}" -- "$cur"
      )
      ;;
  esac
  # Keep what was typed, and quote the rest.
  for word in \${answers[@]+"\${answers[@]}"}; do
    [[ $word == "$cur"* ]] || continue
    rest=\${word:\${#cur}} end=
    [[ $rest == *' ' ]] && rest=\${rest% } end=' '
    [[ $rest ]] && printf -v char %q "$rest" || char=
    # Inside quotes, offer only words that need no quoting; bash ends the quote.
    [[ ! $quote || $rest == "$char" ]] || continue
    [[ ! $quote ]] || end=
    rest=$char
    COMPREPLY+=("\${line:from}$rest$end")
  done
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

/** A kind by its name; fixed words after a `=`. */
function kindOf(value: CompletionValue): string {
  return typeof value === "string" ? value : `=${value.join(" ")}`;
}

function arm(patterns: readonly string[], body: string, indent: number) {
  return `${" ".repeat(indent)}${patterns.join(" | ")}) ${body} ;;`;
}
