import { shown } from './error.ts'
import type { Match, StepRule } from './reason-rule.ts'

/** npm (its lines begin with `npm error`, before version 10 with `npm ERR!`), pnpm, yarn, node-gyp. */
export const nodeRules: readonly StepRule[] = [
  {
    // our own check after a build whose output is known
    pattern: /^kiln: the build left no (\S.{0,300})$/,
    found: ([, path]) => ({
      code: 'step_failed',
      reason: `the build left no ${shown(path!, 120)}`,
      message: `the build left no ${shown(path!, 120)}`,
      hint: 'It ended well, but wrote to another place than its tool usually does. Correct the output directory in the configuration of the tool, or set "start" in kiln.json.',
    }),
  },
  {
    pattern: /^npm (?:error|ERR!) (?:404\s+)?'?([@\w][^'\s]*)'? is not in (?:this|the npm) registry/,
    found: ([, name]) =>
      npm(
        `there is no package ${shown(name!)} in the registry`,
        'Correct the name or version in package.json, or log in to the registry that has it.',
      ),
  },
  {
    pattern: /^npm (?:error|ERR!) 404 +The requested resource '([^']+)' could not be found/,
    found: ([, name]) =>
      npm(
        `there is no package ${shown(name!)} in the registry`,
        'Correct the name or version in package.json, or log in to the registry that has it.',
      ),
  },
  {
    pattern: /^npm (?:error|ERR!) code E404/,
    found: (_, { lines }) => npm(`not found in the registry: ${shown(said(lines, /404 (?:Not Found - GET )?(\S+)/) ?? 'a package', 120)}`),
  },
  {
    pattern: /^npm (?:error|ERR!) code ETARGET|^npm (?:error|ERR!) notarget No matching version found for (\S+?)\.?$/,
    found: ([, name], { lines }) =>
      npm(`no matching version found for ${shown(name ?? said(lines, /No matching version found for (\S+?)\.?$/) ?? 'a package')}`),
  },
  {
    pattern: /^npm (?:error|ERR!) code ERESOLVE/,
    found: (_, { lines }) => {
      const peer = said(lines, /^npm (?:error|ERR!) (peer .+|(?:Found|Conflicting peer dependency): .+)$/)
      return npm(
        `the versions asked for exclude each other${peer === undefined ? '' : `: ${shown(peer.trim(), 110)}`}`,
        'Align the versions; "npm install" outside shows the same conflict.',
      )
    },
  },
  {
    pattern: /^npm (?:error|ERR!) code EUSAGE/,
    found: (_, { lines }) => {
      const first = said(lines, /(?:Missing|Invalid): (.+)$/)
      return lines.some((line) => /in sync|Missing: |Invalid: /.test(line))
        ? npm(
            `package-lock.json does not fit package.json${first === undefined ? '' : `: ${shown(first, 100)}`}`,
            'Run "npm install" and add the new package-lock.json.',
          )
        : npm('there is no package-lock.json', 'Run "npm install" and add the package-lock.json.')
    },
  },
  { pattern: /^npm (?:error|ERR!) code EJSONPARSE/, found: () => npm('package.json is no JSON', 'Correct package.json.') },
  {
    pattern: /^npm (?:error|ERR!) code EBADENGINE|^npm (?:error|ERR!) notsup .*/,
    found: (_, { lines }) => ({
      ...npm('a package does not allow this version of Node', 'Choose another Node ("runtime.version").'),
      ...nodeWanted(lines),
    }),
  },
  {
    pattern: /^npm (?:error|ERR!) code EINTEGRITY/,
    found: () => npm('a package does not have the hash of package-lock.json', 'Find out who changed the package, or make the lock anew.'),
  },
  {
    pattern: /^npm (?:error|ERR!) code (E401|E403|ENEEDAUTH)/,
    found: ([, code]) => npm(`the registry refuses the download (${code})`, 'Give the build a token for the registry as a secret.'),
  },
  {
    pattern: /^npm (?:error|ERR!) (?:enoent .*|path .*)?package\.json/,
    found: (_, { lines }) =>
      lines.some((line) => /^npm (?:error|ERR!) code ENOENT/.test(line)) ? npm('there is no package.json') : undefined,
  },
  {
    pattern: /^npm (?:error|ERR!) Missing script: "?([^"]+?)"?$/,
    found: ([, name]) => ({ ...npm(`package.json has no script "${shown(name!)}"`), verb: 'run' }),
  },
  {
    pattern: /^npm (?:error|ERR!) code (EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT)/,
    found: ([, code]) => ({ ...npm(`the registry cannot be reached from inside the build (${code})`), retryable: true }),
  },
  {
    pattern: /gyp ERR! find Python|gyp ERR! stack Error: Could not find any Python/,
    found: () => lacks('Python', 'node-gyp'),
  },
  { pattern: /gyp ERR! stack Error: not found: make/, found: () => lacks('make', 'node-gyp') },
  {
    pattern: /ERR_PNPM_OUTDATED_LOCKFILE/,
    found: () => pnpm('pnpm-lock.yaml does not fit package.json', 'Run "pnpm install" and add the new pnpm-lock.yaml.'),
  },
  { pattern: /ERR_PNPM_NO_LOCKFILE/, found: () => pnpm('there is no pnpm-lock.yaml', 'Run "pnpm install" and add the pnpm-lock.yaml.') },
  {
    pattern: /ERR_PNPM_(?:NO_MATCHING_VERSION|NO_VERSIONS)\S*\s+(?:No matching version found for|No versions available for) (\S+)/,
    found: ([, name]) => pnpm(`no matching version found for ${shown(name!)}`),
  },
  {
    pattern: /ERR_PNPM_FETCH_404\S*\s+GET (\S+?):? /,
    found: ([, url]) => pnpm(`not found in the registry: ${shown(url!, 120)}`, 'Correct the name or version in package.json.'),
  },
  {
    pattern: /ERR_PNPM_UNSUPPORTED_ENGINE/,
    found: (_, { lines }) => ({
      ...pnpm('package.json does not allow this version of Node or pnpm', 'Choose another Node ("runtime.version") or pnpm.'),
      ...(lines.some((line) => /Your Node version/.test(line)) ? nodeWanted(lines) : {}),
    }),
  },
  {
    pattern: /The engine "node" is incompatible with this module\. Expected version "([^"]{1,60})"/,
    found: ([, range]) => ({
      code: 'step_failed',
      tool: 'yarn',
      verb: 'install',
      reason: 'a package does not allow this version of Node',
      hint: 'Choose another Node ("runtime.version").',
      missing: { kind: 'runtime', runtime: 'node', range: shown(range!) },
    }),
  },
  { pattern: /(ERR_PNPM_[A-Z0-9_]+)\s*(.*)$/, found: ([, code, text]) => pnpm(shown(text!.trim() === '' ? code! : text!.trim(), 150)) },
  {
    pattern: /(?:The lockfile would have been modified by this install|Your lockfile needs to be updated)/,
    found: () => ({
      code: 'step_failed',
      tool: 'yarn',
      verb: 'install',
      reason: 'yarn.lock does not fit package.json',
      hint: 'Run "yarn install" and add the new yarn.lock.',
    }),
  },
  {
    pattern: /\b(YN00\d\d): [│└┌ ·]*(.+)$/,
    found: ([, code, text]) =>
      /YN00(?:00|07|13|19|02|86)/.test(code!)
        ? undefined
        : { code: 'step_failed', tool: 'yarn', verb: 'install', reason: shown(text!, 150) },
  },
  {
    pattern: /(?:Cannot find (?:module|package)|Module not found: (?:Error: )?Can't resolve) '([^']+)'/,
    found: ([, name]) => ({
      code: 'step_failed',
      reason: `cannot find the module ${shown(name!)}`,
      hint: 'Add it to the dependencies; those of development are there in the build stage only.',
      ...(packageOf(name!) === undefined ? {} : { missing: { kind: 'module', ecosystem: 'npm', name: packageOf(name!)! } as const }),
    }),
  },
]

function npm(reason: string, hint?: string): Match {
  return { code: 'step_failed', tool: 'npm', reason, ...verb, ...(hint === undefined ? {} : { hint }) }
}
function pnpm(reason: string, hint?: string): Match {
  return { code: 'step_failed', tool: 'pnpm', reason, ...verb, ...(hint === undefined ? {} : { hint }) }
}
const verb = { verb: 'install' } as const

function lacks(what: string, name: string): Match {
  return {
    code: 'step_failed',
    ...verb,
    tool: 'npm',
    reason: `${what} is missing, which a package needs to be built from source`,
    hint: 'Add python3, make and g++ to the packages of the build.',
    missing: { kind: 'tool', name },
  }
}

/** `{"node":">=22"}`, as npm prints what a package wants */
function nodeWanted(lines: readonly string[]): Pick<Match, 'missing'> {
  const range = said(lines, /Required: *\{[^}]*"node": *"([^"]{1,60})"/) ?? said(lines, /^Expected version: (.{1,60})$/)
  return range === undefined ? {} : { missing: { kind: 'runtime', runtime: 'node', range: shown(range) } }
}

/** `zod` of `zod/v4`; undefined for a file */
function packageOf(specifier: string): string | undefined {
  return /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(?=\/|$)/.exec(specifier)?.[0]
}

/** The first line with a pattern tells most: npm repeats itself with less. */
function said(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const match = pattern.exec(line)
    if (match) return match[1]
  }
  return undefined
}
