/** The known word that was probably meant: at most 2 edits away (1 below five letters), or the same but for case and `-_`. */
export function didYouMean(given: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '')
  const same = known.find((word) => plain(word) === plain(given))
  if (same !== undefined) return same
  const ranked = known.map((word) => ({ word, edits: editDistance(plain(given).slice(0, 60), plain(word)) }))
  const best = ranked.toSorted((a, b) => a.edits - b.edits)[0]
  return best && best.edits <= (given.length < 5 ? 1 : 2) ? best.word : undefined
}

// Damerau-Levenshtein, optimal string alignment: swapped neighbours are one edit.
function editDistance(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, older[j - 2]! + 1)
      row.push(least)
    }
    older = old
    old = row
  }
  return old[b.length]!
}
