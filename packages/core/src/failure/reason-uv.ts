import { shown } from './error.ts'
import type { Match, StepRule } from './reason-rule.ts'

/** uv says the same as pip in other words: `error:` and below it `cause:`, which older versions draw as a tree. */
export const uvRules: readonly StepRule[] = [
  { pattern: /^\s*(?:×|error:) No solution found when resolving dependencies/, found: (_, { lines, at }) => noSolution(told(lines, at)) },
  {
    pattern: /lockfile at `?uv\.lock`? needs to be updated/i,
    found: () => uv('uv.lock does not fit pyproject.toml', 'Run "uv lock" and add the new uv.lock.'),
  },
  { pattern: /^error: Failed to parse:? `?(\S+?)`?$/, found: ([, file]) => uv(`${shown(file!)} cannot be read`) },
  {
    pattern: /^error: Couldn't parse requirement in `/,
    found: (_, { lines, at }) =>
      uv(`invalid requirement ${shown(lines[at + 2]?.trim() ?? '', 100)}`, 'Correct the line of the requirements file.'),
  },
  {
    pattern: /^(?:error: File not found: `?|\s*cause: failed to read from file `)([^`]+?)(?:`.*)?$/,
    found: ([, path]) => uv(`${shown(path!.slice(path!.lastIndexOf('/') + 1))} is not there`, noFile),
  },
  { pattern: /Hash mismatch for `/, found: () => uv(otherHash.reason, otherHash.hint) },
  {
    pattern: /^\s*cause: (?:client error \(Connect\)|dns error|tcp connect error|operation timed out)/,
    found: () => ({ ...uv(unreachable.reason, unreachable.hint), retryable: true }),
  },
  {
    pattern: /^\s*(?:error|cause): Git operation failed/,
    found: (_, { lines, at }) => gitFailed(lines.slice(at + 1, at + 20)),
  },
  {
    pattern: /^\s*(?:×|error:) Failed to download(?: and build)? `([^`]+)`/,
    found: ([, name], { lines, at }) => {
      const status = /HTTP status \w+ error \((\d+ [\w ]+)\)/.exec(lines.slice(at + 1, at + 4).join(' '))?.[1]
      return status === undefined ? fromSource(name!) : uv(`${shown(name!)} cannot be fetched: ${status}`)
    },
  },
  { pattern: /^\s*(?:×|error:) Failed to build `([^`]+)`/, found: ([, name]) => fromSource(name!) },
]

/** Words for what pip and uv both say. */
interface Said extends Pick<Match, 'reason' | 'missing'> {
  readonly hint: string
}
export const noFile = 'Add the file, or correct its name in the requirements.'
export const otherHash: Said = {
  reason: 'a package does not have the hash of the requirements file',
  hint: 'Make the hashes anew, or find out who changed the package.',
}
export const unreachable: Said = {
  reason: 'the package index cannot be reached from inside the build',
  hint: 'Check the network and DNS of the builder, and its proxy.',
}
export const excluding = 'the versions asked for exclude each other'
export const aligned = 'Loosen or align the versions of the named packages.'
export const sourceHint = 'Ask for a version that has a wheel for this Python, or add the system packages it is built with.'

/** `range`: the Python that a version would be for */
export function noMatch(requirement: string, range: string | undefined): Said {
  const reason = `no matching distribution found for ${shown(requirement, 120)}`
  if (range === undefined)
    return { reason, hint: 'Correct the name or version; the package may have no release for this Python version or platform.' }
  return {
    reason,
    hint: `It wants Python ${range}: choose another Python ("runtime.version"), or another version of the package.`,
    missing: { kind: 'runtime', runtime: 'python', range },
  }
}

function noSolution(text: string): Match {
  const asked = askedFor(text)
  const range = /depends on Python\s?([<>=!~][<>=!~0-9.,* ]*[0-9*])/.exec(text)?.[1]
  const whose = / and (\S+) depends on Python/.exec(text)?.[1] ?? asked[0]
  if (range !== undefined && whose !== undefined)
    return { code: 'step_failed', ...noMatch(asked.find((one) => nameOf(one) === nameOf(whose)) ?? whose, range) }
  const needed = lacking.test(text) ? / (?:you require|depends? on) ([^\s,]+(?:,[^\s,]+)*)/.exec(text)?.[1] : undefined
  if (needed !== undefined) return { code: 'step_failed', ...noMatch(needed, undefined) }
  if (asked.length > 1) return uv(`${excluding}: ${shown(asked.join(' and '), 100)}`, aligned)
  return uv(`no solution: ${shown(text, 130) || excluding}`, 'Loosen or align the named versions.')
}

/** The explanation begins with what there is not. */
const lacking =
  /^Because (?:there (?:is|are) no versions? of|only .* (?:is|are) available|\S+ (?:was not found in the package registry|has no wheels with))/

/** What the list asks for; what uv concludes that it does are words of another package. */
function askedFor(text: string): readonly string[] {
  const all = [...text.matchAll(/(conclude that )?you require ([^\s,]+(?:,[^\s,]+)*)(?: and ([\w.-]+[<>=!~][^\s,]*))?/g)]
  const own = all.flatMap(([, concluded, first, second]) => (concluded === undefined ? [first!, second] : []))
  return [...new Set(own.filter((one) => one !== undefined))]
}

function nameOf(requirement: string): string {
  return /^[\w.-]*/.exec(requirement)![0].toLowerCase()
}

/** The explanation on one line: it is wrapped, and has lists in it. */
function told(lines: readonly string[], at: number): string {
  const rest = lines.slice(at + 1, at + 40)
  const end = rest.findIndex((line) => line.trim() === '' || /^\s*hint:/.test(line))
  const own = end === -1 ? rest : rest.slice(0, end)
  return own.map((line) => line.replace(/^[\s│╰─▶├]+(?:cause: )?/, '').trim()).join(' ')
}

/** What git itself said of the repository that it was to fetch. */
function gitFailed(lines: readonly string[]): Match {
  const address = /'([a-z+]+:\/\/[^']+)'/.exec(lines.find((line) => line.includes('git fetch ')) ?? '')?.[1]
  const from = address === undefined ? 'a repository of git' : shown(address.replace(/\/\/[^/@]*@/, '//'), 100)
  const ref = lines.flatMap((line) => /failed to fetch (?:branch or tag|commit|tag|branch) `([^`]+)`/.exec(line)?.[1] ?? [])[0]
  const said = lines.flatMap((line) => /^\s*fatal: (.+)/.exec(line)?.[1] ?? [])[0] ?? ''
  if (ref !== undefined && /find remote ref|not our ref/.test(said))
    return uv(`${from} has no ${shown(ref, 60)}`, 'Correct what stands behind the @.')
  if (/could not read Username|Authentication failed|not found|Could not read from remote/.test(said))
    return uv(
      `${from} is private, or not there`,
      'A build has no login for it: name an address that needs none, or add the package to the source.',
    )
  return uv(`${from} cannot be fetched by git${said === '' ? '' : `: ${shown(said, 80)}`}`)
}

function fromSource(name: string): Match {
  return uv(`${shown(name)} could not be built from source`, sourceHint)
}

function uv(reason: string, hint?: string): Match {
  return { code: 'step_failed', reason, ...(hint === undefined ? {} : { hint }) }
}
