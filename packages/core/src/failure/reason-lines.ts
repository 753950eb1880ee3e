/** Log lines as a person sees them: no terminal codes, the last state of a progress line, no more than 2000 characters. */
export function plainLines(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    text.split('\n').map((line) =>
      line
        .slice(-20_000)
        // oxlint-disable-next-line no-control-regex -- terminal codes are control characters
        .replace(/\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-_])/g, '')
        .replace(/\r+$/, '')
        .replace(/^.*\r/, '')
        .slice(0, 2000)
        .trimEnd(),
    ),
  )
}

/** What tools print after the reason: advice, notices, rules of lines, where a log was kept. */
const empty: readonly RegExp[] = [
  /^\s*$/,
  /^\s*[-=~^─━╰╯│┃|*]+\s*$/,
  /^\s*(\[?notice\]?|note|hint|tip|warning|warn|npm notice|npm warn)\b/i,
  /^npm (error|ERR!) A complete log of this run/i,
  /^npm (error|ERR!)\s*(\S*[/\\]_logs[/\\].*)?$/i,
  /^\s*(usage|try|see|run|for (more|further) (information|details|help))\b.*/i,
  /^The command '.*' returned a non-zero code: \d+$/s,
  /^(error: )?process ".*" did not complete successfully: exit code: \d+$/is,
  /^Killed$/,
]

/** The last line that says something, or undefined. */
export function lastWords(lines: readonly string[]): string | undefined {
  const said = lines.findLast((line) => !empty.some((pattern) => pattern.test(line)))
  return said?.trim().replace(/^(ERROR|error|Error|fatal|FATAL|E|npm error|npm ERR!):?\s+/, '')
}
