/** Completion scripts: each asks `lmdeck __complete` and leaves file names to the shell. */
export const completionScripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `# lmdeck completion for bash. Load it: eval "$(lmdeck completion bash)"
_lmdeck() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    [ -n "$line" ] && COMPREPLY+=("$line")
  done < <(lmdeck __complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -o nosort -F _lmdeck lmdeck
`,
  zsh: `#compdef lmdeck
# lmdeck completion for zsh. Load it: eval "$(lmdeck completion zsh)"
_lmdeck() {
  local -a candidates
  local line value description
  while IFS=$'\\t' read -r value description; do
    [[ -n $value ]] && candidates+=("\${value//:/\\\\:}:\${description}")
  done < <(lmdeck __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe 'lmdeck' candidates
  else
    _files
  fi
}
compdef _lmdeck lmdeck
`,
  fish: `# lmdeck completion for fish. Load it: lmdeck completion fish | source
function __lmdeck_complete
  set -l words (commandline -opc) (commandline -ct)
  lmdeck __complete -- $words[2..-1] 2>/dev/null
end
complete -c lmdeck -a '(__lmdeck_complete)'
`,
};
