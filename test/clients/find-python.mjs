// Which Python the vendors' clients run on here. Plain JavaScript: `npm test` asks before anything is installed.
import { spawnSync } from 'node:child_process'

const names = ['python3', 'python3.13', 'python3.12', 'python3.11']
const question = 'import sys, venv, ensurepip; print(sys.executable, sys.version_info >= (3, 11), sep="\\n")'

/**
 * The first python3 of 3.11 or newer that can make a virtual environment.
 * @returns {{ python: string } | { missing: string }}
 */
export function findPython() {
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ['-c', question], { encoding: 'utf8', timeout: 20_000 })
    const [python, recent] = (stdout ?? '').trim().split('\n')
    if (status === 0 && python && recent === 'True') return { python }
  }
  return { missing: "the vendors' clients need python3 of 3.11 or newer with venv (Debian: apt-get install python3-venv)" }
}
