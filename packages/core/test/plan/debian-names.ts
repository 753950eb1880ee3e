// Asks the mirror which names of the table each Debian has. Run: node --conditions=kiln-source packages/core/test/plan/debian-names.ts
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { systemNeeds } from '../../src/plan/system-packages.ts'

const wanted = new Set(systemNeeds.flatMap(({ build, image }) => [...build, ...image.bookworm, ...image.trixie]))
const found: Record<string, string[]> = {}
for (const distro of ['bookworm', 'trixie']) {
  const answer = await fetch(`http://deb.debian.org/debian/dists/${distro}/main/binary-amd64/Packages.xz`)
  const packed = Buffer.from(await answer.arrayBuffer())
  const { stdout } = spawnSync('xz', ['-dc'], { input: packed, maxBuffer: 2 ** 30, encoding: 'utf8' })
  const names = new Set([...stdout.matchAll(/^Package: (.+)$/gm)].map((match) => match[1]!))
  found[distro] = [...wanted].filter((name) => names.has(name)).sort()
}
writeFileSync(new URL('debian-names.json', import.meta.url), `${JSON.stringify(found, null, 2)}\n`)
