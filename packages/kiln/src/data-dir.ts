import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where Kiln keeps builds of one user: $KILN_DATA_DIR, else $XDG_DATA_HOME/kiln, else ~/.local/share/kiln. */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (env['KILN_DATA_DIR']) return env['KILN_DATA_DIR']
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'kiln')
}
