import { shown } from './error.ts'
import type { Match, Rule } from './reason-rule.ts'

/**
 * Texts of builders about what is not a command's own fault, in the order in which they are asked. Both builders of Docker Engine
 * 20.10 to 29, BuildKit 0.8 to 0.32 and kaniko 1.28; seen on real engines unless a line says otherwise.
 */
export const builderRules: readonly Rule[] = [
  {
    pattern: /dockerfile parse error (?:on )?line (\d+): (.+)/i,
    found: ([, line, text]) => {
      const reason = shown(text!, 150)
      return { code: 'invalid_dockerfile', reason, message: `Dockerfile line ${line}: ${reason}`, line: Number(line) }
    },
  },
  {
    pattern:
      /(?:the --(mount|chmod|link) option requires BuildKit|unknown flag: (mount|link|chmod|parents|exclude|network|security|checksum))/i,
    found: ([, option, flag], { failed }) => {
      const reason = `--${option ?? flag} needs BuildKit`
      const line = failed.line === undefined ? '' : ` line ${failed.line}`
      return { code: 'dockerfile_needs_buildkit', reason, message: `Dockerfile${line}: ${reason}` }
    },
  },
  { pattern: /no space left on device|disk quota exceeded|ENOSPC/i, found: () => disk },
  {
    pattern: /COPY failed: file not found in build context or excluded by \.dockerignore: stat ([^:]+)/,
    found: ([, path]) => missing(path!),
  },
  {
    pattern: /failed to (?:compute cache key|calculate checksum of ref)[^"]*"(\/[^"]*)":? not found/,
    found: ([, path]) => missing(path!),
  },
  // BuildKit 0.8, where a driver has taken off "failed to compute cache key"
  { pattern: /^"(\/[^"]*)":? not found/, only: ['COPY', 'ADD'], found: ([, path]) => missing(path!) },
  { pattern: /(?:ADD|COPY) failed: stat (\S+): (?:file does not exist|no such file)/, found: ([, path]) => missing(path!) },
  { pattern: /failed to get fileinfo for \S*?\/workspace\/(\S+): lstat/, found: ([, path]) => missing(path!) },
  {
    pattern: /COPY failed: (no source files were specified|.*)/,
    found: ([, text]) => ({ code: 'step_failed', reason: shown(text!, 150), tool: 'COPY' }),
  },
  {
    pattern: /invalid from flag value (\S+?):? (?:pull access denied|manifest)/,
    found: ([, ref]) => noBase(ref!),
  },
  { pattern: /toomanyrequests|429 Too Many Requests/i, found: () => pull('the registry has had too many requests from here', true) },
  { pattern: /pull access denied for ([^\s,]+)/, found: ([, ref]) => noBase(ref!) },
  { pattern: /manifest for (\S+) not found/, found: ([, ref]) => noBase(ref!) },
  { pattern: /(\S+?):? failed to resolve source metadata for (\S+): (?:\S+: )?not found/, found: ([, , ref]) => noBase(ref!) },
  {
    pattern: /(?:repository|image) ([^\s:,]+\S*) (?:does not exist|not found)|No such image: (\S+)/i,
    found: ([, ref, other]) => noBase(ref ?? other!),
  },
  { pattern: /no match for platform in manifest|no matching manifest for ([^\s]+)/, found: ([, platform]) => noPlatform(platform) },
  {
    pattern: /manifest[_ ]unknown|image not found on any configured/i,
    only: ['', 'FROM'],
    found: (_, { failed }) => noBase(baseIn(failed.instruction)),
  },
  { pattern: /^(?:.*: )?([a-z0-9][\w./:@-]*): not found$/, only: ['', 'FROM'], found: ([, ref]) => noBase(ref!) },
  {
    pattern: /\b(unauthorized|authentication required|denied: requested access|authorization failed|insufficient_scope|403 Forbidden)\b/i,
    found: ([text]) => ({
      code: 'registry_denied',
      reason: 'the registry denies the pull',
      message: `the registry denies the pull of the base image: ${text.toLowerCase()}`,
    }),
  },
  {
    pattern: /lookup (\S+?)(?: on \S+)?: (?:no such host|i\/o timeout|server misbehaving|Temporary failure)/i,
    found: ([, host]) => pull(`no address is known for ${shown(host!)}`),
  },
  {
    pattern: /dial tcp (\S+): (?:connect: )?(connection refused|i\/o timeout|no route to host|network is unreachable)/,
    found: ([, at, why]) => pull(`${shown(at!)}: ${why!}`),
  },
  {
    pattern:
      /(TLS handshake timeout|x509: [^"]{1,100}|tls: [^"]{1,100}|Client\.Timeout exceeded|server gave HTTP response to HTTPS client)/,
    only: ['', 'FROM', 'COPY', 'ADD'],
    found: ([text]) => pull(shown(text, 120)),
  },
  { pattern: /cannot allocate memory|OOMKilled/i, found: () => memory },
]

export const disk: Match = {
  code: 'disk_full',
  reason: 'no space left on the disk of the builder',
  message: 'no space left on the disk of the builder',
}
export const memory: Match = { code: 'out_of_memory', reason: 'killed for want of memory' }

function missing(path: string): Match {
  const name = shown(path.replace(/^\//, ''))
  return {
    code: 'step_failed',
    tool: 'COPY',
    reason: `${name} is not in the source, or is ignored`,
    hint: 'Add the file, correct its name, or look into .dockerignore.',
  }
}

function noBase(ref: string): Match {
  const name = shown(ref.replace(/,$/, ''))
  return { code: 'base_image_missing', reason: `${name} not found`, message: `the base image ${name} does not exist, or may not be pulled` }
}

function noPlatform(platform: string | undefined): Match {
  const reason = `the base image has nothing for ${shown(platform ?? 'this platform')}`
  return { code: 'base_image_missing', reason, message: reason, hint: 'Choose another platform, or another base image.' }
}

function pull(why: string, later = false): Match {
  const hint = later ? { hint: 'Wait, log in to the registry, or set up a mirror of it.' } : {}
  return { code: 'registry_unreachable', reason: why, message: `the base image cannot be pulled: ${why}`, ...hint }
}

function baseIn(instruction: string | undefined): string {
  return /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(instruction ?? '')?.[1] ?? 'of the Dockerfile'
}
