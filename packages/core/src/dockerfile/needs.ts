import { BuildError, shown } from '../failure/error.ts'
import { readsPlatform, type DockerfileInstruction, type DockerfileStage, type ParsedDockerfile } from './parse.ts'
import { platformArguments } from './variables.ts'

/**
 * What a Dockerfile asks of a builder beyond the classic dialect, and where. `network`: the network of the host;
 * `security`: a privileged step; `ssh`: keys of the caller; `heredoc`, `link`: of a BuildKit that knows here-documents and
 * `COPY --link` itself (Docker Engine 23), where no `# syntax=` fetches a frontend that does; the flags that came later likewise.
 */
export interface Need {
  readonly need: 'buildkit' | 'heredoc' | 'link' | LaterFlag | 'secrets' | 'ssh' | 'network' | 'security'
  /** 1-based */
  readonly line: number
  /** such as `RUN --mount=type=cache` */
  readonly text: string
}

type LaterFlag = 'symbolic-chmod' | 'checksum' | 'keep-git-dir' | 'start-interval' | 'unpack' | 'exclude' | 'parents'

/** Flags that came with later frontends than BuildKit's first: of ADD, COPY and HEALTHCHECK. */
const laterFlags: Readonly<Record<string, readonly LaterFlag[]>> = {
  ADD: ['checksum', 'keep-git-dir', 'unpack', 'exclude'],
  COPY: ['exclude', 'parents'],
  HEALTHCHECK: ['start-interval'],
}
const ofFrontend: ReadonlySet<string> = new Set(['heredoc', 'link', 'symbolic-chmod', ...Object.values(laterFlags).flat()])

/** Every need with its line, in the order of the file. With `target` only of the stages up to it, which the classic builder runs. */
export function needsOf(parsed: ParsedDockerfile, target?: string): Need[] {
  const last = target === undefined ? parsed.stages.length - 1 : targetStage(parsed, target).index
  const needs = parsed.stages.slice(0, last + 1).flatMap(ofStage)
  return parsed.directives.has('syntax') ? needs.filter(({ need }) => !ofFrontend.has(need)) : needs
}

/** The stage of a name or number. Throws `invalid_argument` with the names there are. */
export function targetStage(parsed: ParsedDockerfile, target: string): DockerfileStage {
  const name = target.toLowerCase()
  const found = parsed.stages.find((stage) => stage.name === name) ?? (/^\d+$/.test(name) ? parsed.stages[Number(name)] : undefined)
  if (found) return found
  const names = parsed.stages.flatMap((stage) => stage.name ?? [])
  throw new BuildError('invalid_argument', `the Dockerfile has no stage "${shown(target)}"`, {
    hint: names.length > 0 ? `Its stages are ${names.map((each) => shown(each)).join(', ')}.` : 'No stage of it has a name.',
    data: { target: shown(target), stages: names },
  })
}

/** Throws `frontend_not_allowed` for a `# syntax=` that would have a stranger's image read the Dockerfile. */
export function checkFrontend(parsed: ParsedDockerfile): void {
  const syntax = parsed.directives.get('syntax')
  if (!syntax || /^(docker\.io\/)?docker\/dockerfile(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/.test(syntax.value)) return
  throw new BuildError(
    'frontend_not_allowed',
    `Dockerfile line ${syntax.line}: "# syntax=${shown(syntax.value)}" is not docker/dockerfile`,
    {
      data: { line: syntax.line, syntax: shown(syntax.value) },
    },
  )
}

function ofStage(stage: DockerfileStage): Need[] {
  const { platform, text } = stage.from
  const from = readsPlatform(`${platform ?? ''} ${text}`)
    ? [{ need: 'buildkit', line: stage.line, text: `FROM ${shown(platform ?? text)}` } as const]
    : []
  return [...from, ...stage.instructions.flatMap((each) => ofInstruction(each.onbuild ?? each))]
}

function ofInstruction(each: DockerfileInstruction): Need[] {
  const { keyword, line } = each
  const needs: Need[] = each.flags.flatMap(({ name, value = '' }) => {
    const text = `${keyword} --${name}${value === '' ? '' : `=${shown(value, 60)}`}`
    return ofFlag(keyword, name, value).map((need) => ({ need, line, text }))
  })
  if (each.heredocs.length > 0) {
    const text = `${keyword} <<${shown(each.heredocs[0]!.name)}`
    needs.push({ need: 'buildkit', line, text }, { need: 'heredoc', line, text })
  }
  if (keyword === 'ADD' && isGit(each)) needs.push({ need: 'buildkit', line, text: 'ADD of a git repository' })
  if (keyword === 'ARG' && platformArguments.includes(each.rest)) needs.push({ need: 'buildkit', line, text: `ARG ${each.rest}` })
  return needs
}

function ofFlag(keyword: string, name: string, value: string): Need['need'][] {
  if (keyword === 'RUN' && name === 'mount') {
    const type = /(?:^|,)type=([a-z]+)/.exec(value)?.[1] ?? 'bind'
    return type === 'secret' ? ['buildkit', 'secrets'] : type === 'ssh' ? ['buildkit', 'ssh'] : ['buildkit']
  }
  if (keyword === 'RUN' && name === 'network') return value === 'host' ? ['buildkit', 'network'] : ['buildkit']
  if (keyword === 'RUN' && name === 'security') return value === 'insecure' ? ['buildkit', 'security'] : ['buildkit']
  if (name === 'link') return ['buildkit', 'link']
  // an older BuildKit takes `u+x` and leaves the mode as it was
  if (name === 'chmod' && /[a-z]/i.test(value) && !value.includes('$')) return ['buildkit', 'symbolic-chmod']
  const later = laterFlags[keyword]?.find((flag) => flag === name)
  if (later) return ['buildkit', later]
  return classicFlags[keyword]?.includes(name) ? [] : ['buildkit']
}

const classicFlags: Readonly<Record<string, readonly string[]>> = {
  FROM: ['platform'],
  ADD: ['chown'],
  COPY: ['chown', 'from'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'retries'],
}

function isGit(each: DockerfileInstruction): boolean {
  const sources = (each.json ?? each.rest.split(/\s+/)).slice(0, -1)
  return sources.some((source) => /^(git@|git:\/\/|ssh:\/\/)|^https?:\/\/[^\s#?]+\.git(#|\?|$)/.test(source))
}
