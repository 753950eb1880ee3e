import type { FoundSecret } from './findings.ts'
import type { Told } from './told.ts'

/** What kind of secret a text is, by its form or by the name of what it is given to. Never says the text. */
export function secretOf({ text, slot = '', file, line }: Told): FoundSecret | undefined {
  const found = byForm(text) ?? byName(slot, text)
  return found && { ...found, file, line }
}

type Kind = Pick<FoundSecret, 'type' | 'severity'>

interface Form extends Kind {
  readonly pattern: RegExp
}

// bounded, and each begins with letters of its own, so that a search is one pass
const forms: readonly Form[] = [
  { type: 'private_key', severity: 'high', pattern: /-----BEGIN (?:[A-Z]{2,20} ){0,3}PRIVATE KEY-----/ },
  { type: 'api_key', severity: 'high', pattern: /\bsk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{20,200}/ },
  { type: 'api_key', severity: 'high', pattern: /\b[sr]k_live_[A-Za-z0-9]{6,200}/ },
  { type: 'api_key', severity: 'medium', pattern: /\b[sr]k_test_[A-Za-z0-9]{6,200}/ },
  { type: 'api_key', severity: 'high', pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { type: 'api_key', severity: 'high', pattern: /\b(?:gsk_|hf_|ra_ws_|pplx-|xai-|tvly-|lsv2_pt_|r8_)[A-Za-z0-9_-]{20,200}/ },
  { type: 'api_key', severity: 'high', pattern: /\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}/ },
  { type: 'access_key', severity: 'high', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/ },
  {
    type: 'oauth_token',
    severity: 'high',
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{20,200}|glpat-[A-Za-z0-9_-]{20})/,
  },
  { type: 'oauth_token', severity: 'high', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,200}/ },
  {
    type: 'oauth_token',
    severity: 'high',
    pattern: /\b(?:npm_[A-Za-z0-9]{36}|pypi-AgEI[A-Za-z0-9_-]{20,200}|ya29\.[A-Za-z0-9_-]{20,200})/,
  },
  { type: 'oauth_token', severity: 'medium', pattern: /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,2000}/ },
  { type: 'password', severity: 'high', pattern: /^[a-z][a-z0-9+]{1,30}:\/\/[^:/@\s]{1,100}:(?![{$<*]|password@|pass@)[^@/\s]{3,200}@/ },
]

/** one look before the many */
const telling =
  /-----BEGIN|sk-|k_(?:live|test)_|AIza|gsk_|hf_|ra_ws_|pplx-|xai-|tvly-|lsv2_|r8_|SG\.|A[KS]IA|gh[pousr]_|github_pat_|glpat-|xox|npm_|pypi-|ya29|eyJ|:\/\//

function byForm(text: string): Kind | undefined {
  if (!telling.test(text)) return undefined
  const found = forms.find(({ pattern }) => {
    const [match] = pattern.exec(text) ?? []
    return match !== undefined && !isPlaceholder(match)
  })
  return found && { type: found.type, severity: found.severity }
}

const names =
  /(?:^|[_-])(?:(api_?key|apikey|secret_?key|access_?key|auth_?key)|(secret|client_?secret)|(token|access_?token|auth_?token)|(password|passwd|pwd))$/i

/** A value without spaces that is random enough, given to a name that says so. */
function byName(slot: string, text: string): Kind | undefined {
  const [found, key, , token] = names.exec(slot.replace(/([a-z])([A-Z])/g, '$1_$2')) ?? []
  if (found === undefined || text.length > 500 || /[\s{}<>()]/.test(text) || isPlaceholder(text)) return undefined
  const password = /pass|pwd/i.test(found)
  if (password) return text.length >= 6 && /[^a-z]/.test(text) ? { type: 'password', severity: 'medium' } : undefined
  if (text.length < 16 || !/\d/.test(text) || entropy(text) < 3) return undefined
  const type = key === undefined ? (token === undefined ? 'secret' : 'oauth_token') : 'api_key'
  return { type, severity: entropy(text) >= 4.5 ? 'high' : 'medium' }
}

const placeholder = /x{4}|\*{3}|\.{3}|0{8}|1234567|your|changeme|example|placeholder|dummy|replace|insert|<|^\$/i

function isPlaceholder(text: string): boolean {
  return placeholder.test(text)
}

/** bits of each character, after Shannon */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0)
}
