import { shown } from './error.ts'
import { disk, memory } from './reason-builder.ts'
import { nodeRules } from './reason-node.ts'
import { pythonRules } from './reason-python.ts'
import type { Match, StepRule } from './reason-rule.ts'

/**
 * What tools print when a RUN fails, most telling first: what stops any tool (memory, disk, network), then what the tool
 * says of the project, last what is only a symptom. Texts as printed by the tools in 2026; patterns are tried on each line.
 */
export const stepRules: readonly StepRule[] = [
  { pattern: /No space left on device|ENOSPC|disk quota exceeded/i, found: () => disk },
  { pattern: /JavaScript heap out of memory/, found: () => ({ code: 'out_of_memory', reason: 'the JavaScript heap is out of memory' }) },
  { pattern: /cannot allocate memory|^MemoryError\b|std::bad_alloc/i, found: () => memory },
  // the shell's word for SIGKILL; with another exit code it was the word of a program
  {
    pattern: /^(?:Killed|.*: (?:Killed|signal: killed).*)$/,
    found: (_, { exitCode }) => (exitCode === undefined || exitCode === 137 ? memory : undefined),
  },
  ...pythonRules,
  // Next then cannot find a module of its own, which is no more than a symptom
  { pattern: /Failed to fetch `[^`]+` from Google Fonts/, found: () => network('fonts.googleapis.com') },
  ...nodeRules,
  {
    pattern: /^E: Unable to locate package (\S+)/,
    found: ([, name]) => ({
      code: 'step_failed',
      ...apt,
      reason: `there is no package ${shown(name!)} in this distribution`,
      hint: 'Correct the name; packages.debian.org knows which distribution has which.',
      missing: { kind: 'system-package', name: shown(name!) },
    }),
  },
  {
    pattern: /^E: (?:Package '([^']+)' has no installation candidate|Version '([^']+)' for '([^']+)' was not found)/,
    found: ([, name, version, of]) => ({
      code: 'step_failed',
      ...apt,
      ...(name === undefined ? {} : { missing: { kind: 'system-package', name: shown(name) } as const }),
      reason: name ? `${shown(name)} has no installation candidate` : `${shown(of!)} has no version ${shown(version!)}`,
    }),
  },
  { pattern: /^E: (?:Failed to fetch (\S+)|Some index files failed to download)/, found: ([, url]) => ({ ...network(host(url)), ...apt }) },
  {
    pattern: /error TS\d+: /,
    found: (_, { lines }) => {
      const first = lines.find((line) => /error TS\d+: /.test(line))!
      return {
        code: 'step_failed',
        tool: 'tsc',
        reason: shown(first.trim(), 150),
        hint: 'Correct the types, or start the TypeScript file without a build step.',
        ...missingType(first),
      }
    },
  },
  { pattern: /(?:^|\/)(?:ba|da)?sh: (?:line )?(?:\d+: )?([^\s:]+): (?:command )?not found/, found: ([, name]) => notFound(name!) },
  { pattern: /exec: "([^"]+)": (?:executable file not found|stat .*: no such file)/, found: ([, name]) => notFound(name!) },
  { pattern: /failed to run command ['‘]([^'’]+)['’]: No such file/, found: ([, name]) => notFound(name!) },
  {
    pattern:
      /Temporary failure in name resolution|Could not resolve host|getaddrinfo (?:EAI_AGAIN|ENOTFOUND)|Name or service not known|Failed to resolve '/i,
    found: (match) => network(/(?:ENOTFOUND|EAI_AGAIN|host:?|resolve ')\s*([\w.-]+\.[a-z]+)/i.exec(match.input)?.[1]),
  },
  {
    pattern: /429 Too Many Requests|toomanyrequests/i,
    found: () => ({ code: 'step_failed', reason: 'a server has had too many requests from here (429)', retryable: true }),
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT_IN_CHAIN|self[- ]signed certificate|unable to get local issuer certificate/i,
    found: () => ({
      code: 'step_failed',
      reason: 'a TLS certificate is not trusted inside the build',
      hint: 'Use a base image that trusts the certificate of your proxy or index.',
    }),
  },
  {
    pattern: /\b(ECONNREFUSED|ECONNRESET|ETIMEDOUT|Connection refused|Connection timed out|Network is unreachable)\b/,
    found: ([, why]) => ({ ...network(undefined), reason: `no connection: ${why!}` }),
  },
  {
    pattern: /^Traceback \(most recent call last\):/,
    found: (_, { lines, at }) => {
      const end = lines.slice(at + 1).find((line) => /^[A-Za-z_][\w.]*(?:: .*)?$/.test(line))
      return end === undefined ? undefined : { code: 'step_failed', reason: shown(end, 150) }
    },
  },
]

const apt = { tool: 'apt-get', verb: 'install' } as const

function notFound(name: string): Match {
  const tool = shown(name)
  return {
    code: 'step_failed',
    reason: `${tool} is not there`,
    hint: `Install ${tool} in an earlier step, or correct its name.`,
    missing: { kind: 'tool', name: tool },
  }
}

/** `error TS2307: Cannot find module 'zod' or its corresponding type declarations.` */
function missingType(line: string): Pick<Match, 'missing'> {
  const name = /error TS2307: Cannot find module '((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)[/']/.exec(line)?.[1]
  return name === undefined ? {} : { missing: { kind: 'module', ecosystem: 'npm', name } }
}

function network(name: string | undefined): Match {
  return {
    code: 'step_failed',
    reason: `${name === undefined ? 'a server' : shown(name)} cannot be reached from inside the build`,
    hint: 'Check the network and DNS of the builder, and its proxy.',
    retryable: true,
  }
}

function host(url: string | undefined): string | undefined {
  return /^https?:\/\/([^/]+)/.exec(url ?? '')?.[1]
}
