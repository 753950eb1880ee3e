/** What a terminal shows after these bytes: it knows line ends, cursor up and erase below, which is all the CLI draws with. */
export function terminalOf(text: string, columns: number): readonly string[] {
  const rows: string[] = ['']
  let row = 0
  // oxlint-disable-next-line no-control-regex
  for (const part of text.split(/(\u001b\[[0-9;?]*[A-Za-z]|\r|\n)/)) {
    // oxlint-disable-next-line no-control-regex
    const up = /^\u001b\[(\d+)A$/.exec(part)
    if (up) row -= Number(up[1])
    else if (part === '\u001b[0J') rows.splice(row, rows.length, '')
    else if (part === '\n') rows[++row] ??= ''
    else if (part.startsWith('\u001b[') && !part.endsWith('m'))
      throw new Error(`an escape this terminal does not know: ${JSON.stringify(part)}`)
    else if (part !== '\r' && !part.startsWith('\u001b')) for (const character of part) put(character)
  }
  return rows.filter((line, at) => line !== '' || at < rows.length - 1)

  function put(character: string): void {
    if (Array.from(rows[row]!).length >= columns) rows[++row] ??= ''
    rows[row] += character
  }
}
