#!/usr/bin/env node
// Small on purpose: `kiln --version` loads nothing else, and an old Node is told so instead of failing in a dependency.
import { readFileSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const words = process.argv.slice(2)

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`)
} else if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`kiln: Node 22.18 or newer is needed, this is ${process.versions.node}.\n`)
  process.exitCode = 2
} else {
  const { runProcess } = await import('@kiln/cli')
  await runProcess(words)
}
