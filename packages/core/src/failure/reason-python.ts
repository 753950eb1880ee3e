import { shown } from './error.ts'
import type { Missing } from './missing.ts'
import type { Match, StepRule, Where } from './reason-rule.ts'
import { aligned, excluding, noFile, noMatch, otherHash, sourceHint, unreachable, uvRules } from './reason-uv.ts'

/** pip, uv, Poetry, and what breaks when they build a package from source. */
export const pythonRules: readonly StepRule[] = [
  {
    // pip says "no matching distribution" after this, which would be the wrong reason
    pattern: /(?:Retrying|WARNING).*(NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError)/,
    found: () => pip({ ...unreachable, retryable: true }),
  },
  { pattern: /^ERROR: No matching distribution found for (.+)/, found: (match, where) => pip(noneFor(match[1]!, where)) },
  {
    pattern: /^ERROR: Could not find a version that satisfies the requirement ([^(]+)/,
    found: (match, where) => pip(noneFor(match[1]!, where)),
  },
  {
    pattern: /^ERROR: (?:ResolutionImpossible|Cannot install (.+) because these package versions have conflicting dependencies)/,
    found: (match, { lines }) => {
      const named = match[1] ?? /^ERROR: Cannot install (.+) because/m.exec(lines.join('\n'))?.[1]
      return pip({
        reason: `${excluding}${named === undefined ? '' : `: ${shown(named, 100)}`}`,
        hint: aligned,
      })
    },
  },
  {
    pattern: /externally-managed-environment|^error: The interpreter at `[^`]*` is externally managed/,
    found: () =>
      pip({
        reason: 'this Python is managed by the distribution',
        hint: 'Use an official python image, or install into a virtual environment.',
      }),
  },
  {
    pattern: /^ERROR: Could not open requirements file: .*?'([^']+)'/,
    found: (match) => pip({ reason: `${shown(match[1]!)} is not there`, hint: noFile }),
  },
  {
    pattern: /^ERROR: Invalid requirement: (.+)/,
    found: (match) => pip({ reason: `invalid requirement ${shown(match[1]!, 100)}`, hint: 'Correct the line of the requirements file.' }),
  },
  {
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES/,
    found: () => pip(otherHash),
  },
  { pattern: /requires a different Python: (\S+) not in '([^']+)'/, found: (match) => pip(otherPython(match[1]!, match[2]!)) },
  {
    // numba and its kin: uv heeds no upper bound of Requires-Python, and so comes to this
    pattern: /Cannot install on Python version (\S+); only versions ([<>=!~0-9.,* ]+) are supported/,
    found: (match) => pip(otherPython(match[1]!, match[2]!)),
  },
  ...missingTools(),
  {
    pattern:
      /^ {0,6}(?:ERROR: )?(?:Failed building wheel for|Failed to build installable wheels.*\(|Could not build wheels for|Failed to build) ?'?([^\s,)']+)'?/,
    found: (match) => ({ code: 'step_failed', reason: `${shown(match[1]!)} could not be built from source`, hint: sourceHint }),
  },
  ...uvRules,
  {
    pattern: /pyproject\.toml changed significantly since poetry\.lock was last generated|poetry\.lock is not up to date/,
    found: () => poetry('poetry.lock does not fit pyproject.toml', 'Run "poetry lock" and add the new poetry.lock.'),
  },
  {
    pattern: /The current project's (?:supported )?Python requirement \(([^)]+)\) is not compatible/,
    found: ([, range], { lines, at }) => {
      const wanted = lines
        .slice(at + 1, at + 8)
        .flatMap((line) => /requires Python ([<>=!~0-9.,* ]+?),? so it will/.exec(line)?.[1] ?? [])[0]
      return {
        ...poetry(`the versions asked for do not allow Python ${shown(range!)}`),
        ...(wanted !== undefined && { missing: { kind: 'runtime', runtime: 'python', range: wanted } as const }),
      }
    },
  },
  {
    pattern: /Because .+ (?:depends on|requires) .+, version solving failed\.|version solving failed/,
    found: ({ input }) => poetry(shown(input.trim(), 140)),
  },
  {
    pattern: /Unable to find installation candidates for (.+)/,
    found: ([, name]) => poetry(`no file to install for ${shown(name!)}`, 'Run "poetry lock", or allow another Python version.'),
  },
  {
    pattern: /All attempts to connect to (\S+) failed/,
    found: ([, name]) => ({ ...poetry(`${shown(name!)} cannot be reached from inside the build`), retryable: true }),
  },
]

/** What a build from source lacks. */
function missingTools(): StepRule[] {
  const lacks = (what: string, missing: Missing): Match => ({
    code: 'step_failed',
    reason: `${what} is missing, which a package needs to be built from source`,
    hint: 'Add what it is built with to the packages of the build, or ask for a version that has a wheel for this Python.',
    missing,
  })
  const tool = (name: string, what = name): Match => lacks(what, { kind: 'tool', name })
  return [
    { pattern: /pg_config executable not found/, found: () => tool('pg_config', 'pg_config (PostgreSQL)') },
    {
      pattern: /fatal error: libpq-fe\.h/,
      found: () => lacks('pg_config (PostgreSQL)', { kind: 'header', name: 'libpq-fe.h' }),
    },
    {
      pattern: /mysql_config: not found|Can not find valid pkg-config name|mysql\.h: No such file/,
      found: () => tool('mysql_config', 'the MySQL client library'),
    },
    {
      pattern: /fatal error: ([\w/.+-]+\.h(?:pp)?): No such file or directory/,
      found: ([, header]) => {
        const name = shown(header!)
        return standardHeaders.has(header!)
          ? lacks(name, { kind: 'header', name })
          : { ...lacks(name, { kind: 'header', name }), reason: `the header ${name} is missing` }
      },
    },
    {
      pattern:
        /command '(?:\S*\/)?(?:\S*-)?(gcc|g\+\+|cc|c\+\+|clang)' failed: No such file|[Uu]nable to execute '(?:\S*-)?(gcc|g\+\+|cc)'|Unknown compiler\(s\)|you need a C compiler|No such file or directory: '(?:\S*-)?(gcc|g\+\+|cc|c\+\+)'|(?:CC|CXX)=(gcc|g\+\+).*not found/,
      found: ([, ...names]) => {
        const name = names.find((each) => each !== undefined)
        return name === 'g++' || name === 'c++' ? tool('g++', 'the compiler g++') : tool('gcc', 'the compiler gcc')
      },
    },
    {
      pattern: /can't find Rust compiler|requires Rust and Cargo|error: linker `cc` not found/,
      found: () => tool('rustc', 'the Rust compiler'),
    },
    { pattern: /CMake must be installed|Could not find CMAKE|No such file or directory: 'cmake'/i, found: () => tool('cmake') },
    { pattern: /Cannot find command 'git'|No such file or directory: 'git'|Git executable (?:was )?not found/i, found: () => tool('git') },
    { pattern: /No such file or directory: '(?:\S*\/)?make'/, found: () => tool('make') },
    {
      pattern: /No such file or directory: '(?:\S*\/)?pkg-config'|pkg-config: (?:command )?not found|pkg-config.* is required/i,
      found: () => tool('pkg-config'),
    },
    {
      pattern: /^(?:ImportError|OSError): (lib[\w.+-]+\.so[\d.]*): cannot open shared object file/,
      found: ([, name]) => ({ ...noLibrary(name!) }),
    },
    {
      pattern: /error while loading shared libraries: (lib[\w.+-]+\.so[\d.]*): cannot open shared object file/,
      found: ([, name]) => ({ ...noLibrary(name!) }),
    },
    {
      // at the start of a line: the words of a package that is built have an indent, and lack something of their own
      pattern: /^(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?/,
      found: ([text, module]) => ({
        code: 'step_failed',
        reason: shown(text, 150),
        hint: 'Add the package that has it to the dependencies; those of development are not installed.',
        missing: { kind: 'module', ecosystem: 'pypi', name: shown(module!) },
      }),
    },
  ]
}

function noLibrary(name: string): Match {
  return {
    code: 'step_failed',
    reason: `the library ${shown(name)} is missing`,
    hint: 'Add the package of the distribution that has it to the system packages.',
    missing: { kind: 'library', name: shown(name) },
  }
}

/** headers of the C library and of Python itself: without them nothing can be compiled */
const standardHeaders: ReadonlySet<string> = new Set(['Python.h', 'stdio.h', 'limits.h', 'stdlib.h', 'string.h', 'ffi.h'])

function noneFor(requirement: string, { lines }: Where): Omit<Match, 'code'> {
  return noMatch(requirement.trim(), rangeOfIgnored(requirement.trim(), lines))
}

/** pip tells before which versions it passed over: `2.0 Requires-Python >=3.12; 2.1 Requires-Python >=3.13`. */
function rangeOfIgnored(requirement: string, lines: readonly string[]): string | undefined {
  const told = lines.findLast((line) => line.includes('Ignored the following versions that require a different python version: '))
  const all = [...(told ?? '').matchAll(/([\w.!+]+) Requires-Python ([<>=!~0-9.,* ]+)(?:;|$)/g)].map(([, version, range]) => ({
    version,
    range,
  }))
  const exact = /==\s*([\w.!+]+)$/.exec(requirement)?.[1]
  const meant = exact === undefined ? all.at(-1) : all.find(({ version }) => version === exact)
  return meant?.range!.trim()
}

function otherPython(has: string, wants: string): Omit<Match, 'code'> {
  return {
    missing: { kind: 'runtime', runtime: 'python', range: shown(wants) },
    reason: `a package wants Python ${shown(wants)}, this is ${shown(has)}`,
    hint: 'Choose another Python ("runtime.version"), or another version of the package.',
  }
}

function pip(match: Omit<Match, 'code'>): Match {
  return { code: 'step_failed', tool: 'pip', verb: 'install', ...match }
}
function poetry(reason: string, hint?: string): Match {
  return { code: 'step_failed', tool: 'poetry', verb: 'install', reason, ...(hint === undefined ? {} : { hint }) }
}
