import { shown } from './error.ts'
import type { Match, StepRule } from './reason-rule.ts'

/** pip, uv, Poetry, and what breaks when they build a package from source. */
export const pythonRules: readonly StepRule[] = [
  {
    // pip says "no matching distribution" after this, which would be the wrong reason
    pattern: /(?:Retrying|WARNING).*(NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError)/,
    found: () =>
      pip({
        reason: 'the package index cannot be reached from inside the build',
        hint: 'Check the network and DNS of the builder, and its proxy.',
        retryable: true,
      }),
  },
  { pattern: /^ERROR: No matching distribution found for (.+)/, found: (match) => pip(noMatch(match[1]!)) },
  { pattern: /^ERROR: Could not find a version that satisfies the requirement ([^(]+)/, found: (match) => pip(noMatch(match[1]!)) },
  {
    pattern: /^ERROR: (?:ResolutionImpossible|Cannot install (.+) because these package versions have conflicting dependencies)/,
    found: (match, { lines }) => {
      const named = match[1] ?? /^ERROR: Cannot install (.+) because/m.exec(lines.join('\n'))?.[1]
      return pip({
        reason: `the versions asked for exclude each other${named === undefined ? '' : `: ${shown(named, 100)}`}`,
        hint: 'Loosen or align the versions of the named packages.',
      })
    },
  },
  {
    pattern: /externally-managed-environment/,
    found: () =>
      pip({
        reason: 'this Python is managed by the distribution',
        hint: 'Use an official python image, or install into a virtual environment.',
      }),
  },
  {
    pattern: /^ERROR: Could not open requirements file: .*?'([^']+)'/,
    found: (match) => pip({ reason: `${shown(match[1]!)} is not there`, hint: 'Add the file, or correct its name in the requirements.' }),
  },
  {
    pattern: /^ERROR: Invalid requirement: (.+)/,
    found: (match) => pip({ reason: `invalid requirement ${shown(match[1]!, 100)}`, hint: 'Correct the line of the requirements file.' }),
  },
  {
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES/,
    found: () =>
      pip({
        reason: 'a package does not have the hash of the requirements file',
        hint: 'Make the hashes anew, or find out who changed the package.',
      }),
  },
  { pattern: /requires a different Python: (\S+) not in '([^']+)'/, found: (match) => pip(otherPython(match[1]!, match[2]!)) },
  ...missingTools(),
  {
    pattern: /^(?:ERROR: )?(?:Failed building wheel for|Failed to build installable wheels.*\(|Could not build wheels for) ?([^\s,)]+)/,
    found: (match) => ({ code: 'step_failed', reason: `${shown(match[1]!)} could not be built from source`, hint: fromSource }),
  },
  {
    pattern: /^\s*(?:×|error:) No solution found when resolving dependencies/,
    found: (_, { lines, at }) => uv(`no solution: ${afterTree(lines, at)}`, 'Loosen or align the named versions.'),
  },
  {
    pattern: /lockfile at `?uv\.lock`? needs to be updated/i,
    found: () => uv('uv.lock does not fit pyproject.toml', 'Run "uv lock" and add the new uv.lock.'),
  },
  { pattern: /^error: Failed to parse:? `?(\S+?)`?$/, found: ([, file]) => uv(`${shown(file!)} cannot be read`) },
  {
    pattern: /^\s*× Failed to (?:build|download(?: and build)?) `([^`]+)`/,
    found: ([, name]) => uv(`${shown(name!)} could not be built from source`, fromSource),
  },
  {
    pattern: /pyproject\.toml changed significantly since poetry\.lock was last generated|poetry\.lock is not up to date/,
    found: () => poetry('poetry.lock does not fit pyproject.toml', 'Run "poetry lock" and add the new poetry.lock.'),
  },
  {
    pattern: /The current project's (?:supported )?Python requirement \(([^)]+)\) is not compatible/,
    found: ([, range]) => poetry(`the versions asked for do not allow Python ${shown(range!)}`),
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

const fromSource = 'Ask for a version that has a wheel for this Python, or add the system packages it is built with.'

/** What a build from source lacks, with the Debian package that has it. */
function missingTools(): StepRule[] {
  const lacks = (what: string, ...packages: string[]): Match => ({
    code: 'step_failed',
    reason: `${what} is missing, which a package needs to be built from source`,
    hint: `Add ${packages.join(' and ')} to the system packages.`,
    fix: { systemPackages: { add: packages } },
  })
  return [
    {
      pattern: /pg_config executable not found|fatal error: libpq-fe\.h/,
      found: () => lacks('pg_config (PostgreSQL)', 'libpq-dev', 'gcc'),
    },
    {
      pattern: /mysql_config: not found|Can not find valid pkg-config name|mysql\.h: No such file/,
      found: () => lacks('the MySQL client library', 'default-libmysqlclient-dev', 'pkg-config', 'gcc'),
    },
    {
      pattern: /fatal error: ([\w/.+-]+\.h(?:pp)?): No such file or directory/,
      found: ([, header]) => {
        const packages = Object.hasOwn(packageOfHeader, header!) ? packageOfHeader[header!]! : undefined
        return packages
          ? lacks(header!, ...packages)
          : {
              code: 'step_failed',
              reason: `the header ${shown(header!)} is missing`,
              hint: 'Add the -dev package that has this header to the system packages.',
            }
      },
    },
    {
      pattern:
        /command '(?:\S*\/)?(?:\S*-)?(gcc|g\+\+|cc|c\+\+|clang)' failed: No such file|[Uu]nable to execute '(?:\S*-)?(gcc|g\+\+|cc)'|error: command '(gcc|cc|g\+\+)' failed|Unknown compiler\(s\)|(?:CC|CXX)=(gcc|g\+\+).*not found/,
      found: ([, ...names]) => {
        const name = names.find((each) => each !== undefined)
        return lacks(
          name === 'g++' || name === 'c++' ? 'the compiler g++' : 'the compiler gcc',
          ...(name === 'g++' || name === 'c++' ? ['g++'] : ['gcc', 'libc6-dev']),
        )
      },
    },
    {
      pattern: /can't find Rust compiler|requires Rust and Cargo|error: linker `cc` not found/,
      found: () => lacks('the Rust compiler', 'cargo', 'rustc', 'gcc'),
    },
    {
      pattern: /CMake must be installed|Could not find CMAKE|No such file or directory: 'cmake'/i,
      found: () => lacks('cmake', 'cmake', 'g++', 'make'),
    },
    {
      pattern: /Cannot find command 'git'|No such file or directory: 'git'|Git executable was not found/i,
      found: () => lacks('git', 'git'),
    },
    { pattern: /No such file or directory: '(?:\S*\/)?make'/, found: () => lacks('make', 'make') },
  ]
}

/** headers that Python packages are known to ask for, and the Debian packages that have them */
const packageOfHeader: Readonly<Record<string, readonly string[]>> = {
  'Python.h': ['python3-dev', 'gcc'],
  'ffi.h': ['libffi-dev', 'gcc'],
  'openssl/ssl.h': ['libssl-dev', 'gcc'],
  'openssl/opensslv.h': ['libssl-dev', 'gcc'],
  'libxml/xpath.h': ['libxml2-dev', 'libxslt1-dev', 'gcc'],
  'libxml/xmlversion.h': ['libxml2-dev', 'libxslt1-dev', 'gcc'],
  'jpeglib.h': ['libjpeg-dev', 'gcc'],
  'zlib.h': ['zlib1g-dev', 'gcc'],
  'sasl/sasl.h': ['libsasl2-dev', 'gcc'],
  'ldap.h': ['libldap2-dev', 'gcc'],
  'lber.h': ['libldap2-dev', 'gcc'],
  'sql.h': ['unixodbc-dev', 'g++'],
  'portaudio.h': ['portaudio19-dev', 'gcc'],
  'yaml.h': ['libyaml-dev', 'gcc'],
  'gmp.h': ['libgmp-dev', 'gcc'],
  'curl/curl.h': ['libcurl4-openssl-dev', 'libssl-dev', 'gcc'],
  'stdio.h': ['libc6-dev'],
  'limits.h': ['libc6-dev'],
}

function noMatch(requirement: string): Pick<Match, 'reason' | 'hint'> {
  const name = shown(requirement.trim(), 120)
  return {
    reason: `no matching distribution found for ${name}`,
    hint: 'Correct the name or version; the package may have no release for this Python version or platform.',
  }
}

function otherPython(has: string, wants: string): Pick<Match, 'reason' | 'hint'> {
  return {
    reason: `a package wants Python ${shown(wants)}, this is ${shown(has)}`,
    hint: 'Choose another Python ("runtime.version"), or another version of the package.',
  }
}

/** uv wraps its explanation after a corner of lines. */
function afterTree(lines: readonly string[], at: number): string {
  const told = lines.slice(at + 1, at + 6).map((line) => line.replace(/^[\s│╰─▶├]+(?:cause: )?/, '').trim())
  return shown(told.filter((line) => line !== '').join(' '), 130) || 'the versions asked for exclude each other'
}

function pip(match: Omit<Match, 'code'>): Match {
  return { code: 'step_failed', tool: 'pip', verb: 'install', ...match }
}
function uv(reason: string, hint?: string): Match {
  return { code: 'step_failed', reason, ...(hint === undefined ? {} : { hint }) }
}
function poetry(reason: string, hint?: string): Match {
  return { code: 'step_failed', tool: 'poetry', verb: 'install', reason, ...(hint === undefined ? {} : { hint }) }
}
