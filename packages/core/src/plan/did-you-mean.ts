import { editDistance } from '../infer/near.ts'

/** The known word that was probably meant: at most 2 edits away (1 below five letters), or the same but for case and `-_`. */
export function didYouMean(given: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '')
  const same = known.find((word) => plain(word) === plain(given))
  if (same !== undefined) return same
  const ranked = known.map((word) => ({ word, edits: editDistance(plain(given).slice(0, 60), plain(word)) }))
  const best = ranked.toSorted((a, b) => a.edits - b.edits)[0]
  return best && best.edits <= (given.length < 5 ? 1 : 2) ? best.word : undefined
}
