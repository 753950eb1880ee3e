import { spawnSync } from 'node:child_process'

const wanted = ['bash', 'curl', 'jq']

/**
 * Why the documents' shell blocks cannot run here; undefined when they can. On a Debian machine that is root's, as the test rig's,
 * what is missing is installed.
 */
export function missingShellTools(): string | undefined {
  if (absent().length === 0) return undefined
  if (process.getuid?.() === 0 && has('apt-get')) install(absent())
  const still = absent()
  return still.length === 0 ? undefined : `not on this machine: ${still.join(', ')}`
}

function install(packages: readonly string[]): void {
  const apt = (...words: readonly string[]): number | null =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=60', '-yqq', ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 180_000,
    }).status
  if (apt('install', '--no-install-recommends', ...packages) === 0) return
  apt('update')
  apt('install', '--no-install-recommends', ...packages)
}

const absent = (): readonly string[] => wanted.filter((name) => !has(name))
const has = (name: string): boolean => spawnSync(name, ['--version'], { timeout: 10_000 }).status === 0
