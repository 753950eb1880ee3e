import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory with these files, removed when the test has ended. */
export function folder(files: Readonly<Record<string, string>>, name = 'my-agent'): string {
  const home = mkdtempSync(join(tmpdir(), 'kiln-cli-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const root = join(home, name)
  mkdirSync(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

export const agent: Readonly<Record<string, string>> = {
  'agent.py': 'import requests\n\nif __name__ == "__main__":\n    print("hello")\n',
  'requirements.txt': 'requests==2.32.3\n',
}
