import type { Distro } from './system-packages.ts'
import { BuildError, shown } from '../failure/error.ts'
import { didYouMean } from './did-you-mean.ts'

/** What is decided where neither the source nor the Config says anything. A released edition never changes: the same source, the same plan. */
export interface Edition {
  /** year and month, such as `2026.11` */
  readonly name: string
  /** a preview may change until the version of Kiln that makes it the default */
  readonly state: 'released' | 'preview'
  readonly python: RuntimeLines
  readonly node: RuntimeLines
  readonly go: RuntimeLines
  readonly deno: RuntimeLines
  readonly bun: RuntimeLines
  readonly distro: Distro
  /** release lines of package managers, where the source names none */
  readonly tools: { readonly uv: string; readonly pnpm: string }
}

/** Release lines of a runtime. */
export interface RuntimeLines {
  readonly standard: string
  /** chosen by themselves for a range, best first */
  readonly supported: readonly string[]
  /** chosen only where the source leaves nothing else, best first */
  readonly others: readonly string[]
}

const edition2026: Edition = {
  name: '2026.11',
  state: 'released',
  python: { standard: '3.11', supported: ['3.14', '3.13', '3.12', '3.11', '3.10'], others: ['3.15', '3.9', '3.8', '3.7'] },
  node: { standard: '24', supported: ['24', '22'], others: ['26', '25', '23', '20', '21', '18', '16'] },
  go: { standard: '1.27', supported: ['1.27', '1.26'], others: ['1.28', '1.25', '1.24', '1.23', '1.22', '1.21', '1.20'] },
  deno: { standard: '2.9', supported: ['2.9', '2.8', '2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0'], others: ['1.46'] },
  bun: { standard: '1.4', supported: ['1.4', '1.3', '1.2'], others: ['1.1', '1.0'] },
  distro: 'bookworm',
  tools: { uv: '0.13', pnpm: '10' },
}

/** Every edition, oldest first: one entry each, and nothing taken away, since plans and kiln.json files name them. */
export const editions: readonly [Edition, ...Edition[]] = [
  edition2026,
  {
    name: '2027.05',
    state: 'preview',
    python: { standard: '3.13', supported: ['3.14', '3.13', '3.12', '3.11'], others: ['3.15', '3.10', '3.9', '3.8', '3.7'] },
    node: { standard: '26', supported: ['26', '24', '22'], others: ['25', '23', '20', '21', '18'] },
    go: { standard: '1.27', supported: ['1.27', '1.26'], others: ['1.28', '1.25', '1.24', '1.23', '1.22', '1.21', '1.20'] },
    deno: { standard: '2.9', supported: ['2.9', '2.8', '2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0'], others: ['1.46'] },
    bun: { standard: '1.4', supported: ['1.4', '1.3', '1.2'], others: ['1.1', '1.0'] },
    distro: 'trixie',
    tools: { uv: '0.13', pnpm: '11' },
  },
]

/** The edition of sources that name none. */
export const defaultEdition: Edition = edition2026

/**
 * An edition by its name; `next` is the one after the default, `undefined` the default. Throws `unknown_edition` with
 * the known ones.
 */
export function editionOf(name: string | undefined): Edition {
  if (name === undefined) return defaultEdition
  const found = name === 'next' ? editions[editions.indexOf(defaultEdition) + 1] : editions.find((one) => one.name === name)
  if (found) return found
  const known = editions.map((one) => one.name)
  const meant = didYouMean(name, known)
  throw new BuildError(
    'unknown_edition',
    `this version of Kiln knows no edition "${shown(name)}"${meant ? `, did you mean ${meant}?` : ''}`,
    {
      hint: `Name one of: ${editions.map(described).join(', ')}; or update Kiln.`,
      data: { field: 'edition', known },
    },
  )
}

/** The rules a plan was made by; the default ones where another version of Kiln made it, since a plan says itself what it needs. */
export function editionOfPlan({ edition }: { readonly edition: string }): Edition {
  return editions.find(({ name }) => name === edition) ?? defaultEdition
}

function described({ name, state }: Edition): string {
  const notes = [...(name === defaultEdition.name ? ['the default'] : []), ...(state === 'preview' ? ['a preview'] : [])]
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`
}
