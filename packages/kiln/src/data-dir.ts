import { homedir } from 'node:os'
import { join } from 'node:path'
import type { StatIndex } from '@kiln/core'

/** Where Kiln keeps builds of one user: $KILN_DATA_DIR, else $XDG_DATA_HOME/kiln, else ~/.local/share/kiln. */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (env['KILN_DATA_DIR']) return env['KILN_DATA_DIR']
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'kiln')
}

/** What `openKiln` knows of the directories it has hashed; for who opens one for it: `directory(path, { hash: { index } })`. */
export function indexOf(dataDir: string): StatIndex {
  return { directory: join(dataDir, 'index') }
}
