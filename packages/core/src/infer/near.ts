/** At most three of `names` that look like `name`: a slip of one or two letters, or the name with something around it. */
export function nearNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = bare(name)
  if (wanted.length < 3 || wanted.length > 60) return []
  const letters = lettersOf(wanted)
  const scored: { known: string; score: number }[] = []
  for (const { name: known, bare: spelled, letters: theirs } of preparedOf(names)) {
    // Two slips make at most two letters foreign, which is cheap to see.
    if (bits(letters & ~theirs) > 2) continue
    const score = likeness(wanted, spelled)
    if (score !== undefined) scored.push({ known, score })
  }
  return scored
    .sort((a, b) => a.score - b.score || a.known.length - b.known.length || (a.known < b.known ? -1 : 1))
    .slice(0, 3)
    .map(({ known }) => known)
}

interface Prepared {
  readonly name: string
  readonly bare: string
  /** one bit for each letter in it */
  readonly letters: number
}

const prepared = new WeakMap<readonly string[], readonly Prepared[]>()

function preparedOf(names: readonly string[]): readonly Prepared[] {
  const found = prepared.get(names) ?? names.map((name) => ({ name, bare: bare(name), letters: lettersOf(bare(name)) }))
  prepared.set(names, found)
  return found
}

function lettersOf(text: string): number {
  let letters = 0
  for (let index = 0; index < text.length; index++) letters |= 1 << (text.charCodeAt(index) & 31)
  return letters
}

function bits(number: number): number {
  let count = 0
  for (let rest = number; rest !== 0; rest &= rest - 1) count++
  return count
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Lower is nearer; undefined for names that are not alike. */
function likeness(wanted: string, known: string): number | undefined {
  const slips = wanted.length < 5 ? 1 : 2
  if (Math.abs(wanted.length - known.length) <= slips) {
    const distance = editDistance(wanted, known)
    if (distance <= slips) return distance
  }
  const [short, long] = wanted.length < known.length ? [wanted, known] : [known, wanted]
  return short.length >= 5 && long.startsWith(short) ? 2 + (long.length - short.length) / 10 : undefined
}

/** Insertions, deletions, substitutions and swaps of neighbours, each one edit (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const now = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(old[j]! + 1, now[j - 1]! + 1, old[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, older[j - 2]! + 1)
      now.push(best)
    }
    older = old
    old = now
  }
  return old[b.length]!
}
