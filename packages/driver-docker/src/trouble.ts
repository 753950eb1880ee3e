import { BuildError, isBuildError, shown } from '@kiln/core'

/** A connection to an engine that could not be made, or broke before the answer. */
export function unreachable(error: unknown, where: string): BuildError {
  if (isBuildError(error)) return error
  const code = errorCode(error)
  const said = error instanceof Error ? error.message : String(error)
  const hint = hintFor(code, said, where)
  return new BuildError('driver_unreachable', `No Docker Engine answers at ${where}: ${shown(said, 300)}.`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** An engine that went away, or gave up, in the middle of a build. */
export function lost(error: unknown, where: string): BuildError {
  if (isBuildError(error)) return error
  const said = error instanceof Error ? error.message : String(error)
  return new BuildError('driver_lost', `The Docker Engine at ${where} went away during the build: ${shown(said, 300)}.`, { cause: error })
}

/** Trouble of the engine itself in the words of a failed build; undefined where it is the build that failed. */
export function engineTrouble(message: string, where: string): BuildError | undefined {
  if (/no space left on device|disk quota exceeded/i.test(message))
    return new BuildError('disk_full', `The disk of the Docker Engine at ${where} is full: ${shown(message, 300)}.`)
  if (
    /\bunexpected EOF$|^context canceled$|grpc: the client connection is closing|transport is closing|error reading from server: EOF/i.test(
      message,
    )
  )
    return new BuildError('driver_lost', `The Docker Engine at ${where} gave the build up: ${shown(message, 300)}.`)
  return undefined
}

/** Trouble with a registry while pushing, by what the engine says. */
export function pushTrouble(message: string, ref: string): BuildError {
  const said = `The push of ${shown(ref, 300)} failed: ${shown(message, 300)}.`
  if (/denied|unauthorized|authentication required|no basic auth credentials|insufficient_scope|forbidden/i.test(message))
    return new BuildError('registry_denied', said)
  if (
    /no such host|connection refused|i\/o timeout|deadline exceeded|server misbehaving|connection reset|toomanyrequests|TLS handshake|no route to host|EOF|http: server gave HTTP response/i.test(
      message,
    )
  )
    return new BuildError('registry_unreachable', said)
  return new BuildError('registry_failed', said)
}

function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function hintFor(code: string | undefined, said: string, where: string): string | undefined {
  if (code !== undefined && Object.hasOwn(hints, code)) return hints[code]!(where)
  if (/^HPE_|^EPROTO$|^ECONNRESET$/.test(code ?? '') && where.startsWith('tcp:'))
    return 'Check whether the engine expects TLS (DOCKER_TLS_VERIFY=1, DOCKER_CERT_PATH).'
  return /certificate|self-signed|tls|ssl/i.test(said) ? 'Check the TLS files in DOCKER_CERT_PATH.' : undefined
}

const start = (where: string): string => `Start Docker, or set DOCKER_HOST to an engine that runs (tried ${where}).`
const name = (): string => 'Correct the host name in DOCKER_HOST.'
const hints: Readonly<Record<string, (where: string) => string>> = {
  ENOENT: start,
  ECONNREFUSED: start,
  EACCES: (where) => `This user may not use ${where}: add it to the group "docker", or run as a user who may.`,
  ENOTFOUND: name,
  EAI_AGAIN: name,
  ESSH: () => 'Check that `ssh` reaches this host without a password, and that `docker` is installed there.',
}
