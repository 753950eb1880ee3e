import type { Check } from './check.ts'

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const old = major < 22 || (major === 22 && minor < 18)
  if (old) return { name: 'node', status: 'fail', message: `Node ${version} is too old`, fix: 'install Node 24' }
  return { name: 'node', status: 'ok', message: `Node ${version}` }
}

/** A wrong clock breaks certificates and the ages of builds. Nobody is asked: only the impossible is told. */
export function checkClock(now: number): Check {
  const text = new Date(now).toISOString()
  const wrong = now < Date.UTC(2026, 0, 1) || now > Date.UTC(2046, 0, 1)
  return wrong
    ? { name: 'clock', status: 'warn', message: `the clock says ${text}`, fix: 'set the clock (timedatectl set-ntp true)' }
    : { name: 'clock', status: 'ok', message: text }
}

const variables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const

export function checkProxies(env: Readonly<Record<string, string | undefined>>): readonly Check[] {
  const set = variables.filter((name) => env[name])
  if (set.length === 0) return []
  const named = [...new Set(set.map((name) => hostOf(env[name]!)))].join(', ')
  const uses = env['NODE_USE_ENV_PROXY'] === '1'
  return [
    uses
      ? { name: 'proxy', status: 'ok', message: `registries are reached through ${named}` }
      : {
          name: 'proxy',
          status: 'warn',
          message: `${set[0]} names ${named}, which Kiln itself does not use`,
          fix: 'set NODE_USE_ENV_PROXY=1 when registries are only reached through it',
        },
  ]
}

/** The host alone: the address of a proxy may hold a password. */
function hostOf(address: string): string {
  try {
    return new URL(address.includes('://') ? address : `http://${address}`).host
  } catch {
    return 'an address that cannot be read'
  }
}
